"""ColumnTransformer: each transformer gets its columns."""

from typing import Any

from sklearn.compose import ColumnTransformer

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.converters.pipeline import weighted
from alpenglow._export.graph.columns import as_kind, select
from alpenglow._export.graph.nodes import Inputs, Nodes


def transform_columns(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The results stand side by side."""
    found: list[Any] = []
    for name, step, _ in model.transformers_:
        positions = model._transformer_to_input_indices[name]
        if len(positions):
            made = nodes.features(step, select(nodes, inputs, positions))
            found += weighted(nodes, made, (model.transformer_weights or {}).get(name))
    return as_kind(nodes, found, sparse=model.sparse_output_)


TRANSFORMERS = {ColumnTransformer: transform_columns}
TIMES = (ColumnTransformer,)
BORDERS = {ColumnTransformer: PARTS}
