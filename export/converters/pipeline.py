"""Pipeline and FeatureUnion: what hands columns from one estimator to the next.

skl2onnx's own take columns of one tensor in another order than asked for and turn numbers beside text into text.
"""

from typing import Any

from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.graph.columns import as_kind, is_sparse
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.text import is_string
from alpenglow._export.graph.times import is_time


def convert_pipeline(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Steps that transform, and one that predicts."""
    for _, step in model.steps[:-1]:
        inputs = nodes.features(step, inputs)
    return nodes.outputs(model.steps[-1][1], inputs)


def transform_pipeline(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Steps that transform."""
    for _, step in model.steps:
        inputs = nodes.features(step, inputs)
    return inputs


def transform_union(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Each transformer gets all columns; the results stand side by side."""
    found: list[Any] = []
    for name, step in model.transformer_list:
        if isinstance(step, str) and step == "drop":
            continue
        found += weighted(nodes, nodes.features(step, inputs), (model.transformer_weights or {}).get(name))
    return as_kind(nodes, found, sparse=is_sparse(found))


def weighted(nodes: Nodes, inputs: Inputs, weight: float | None) -> Inputs:
    """The columns times a weight, if there is one."""
    if weight is None:
        return inputs
    if any(is_string(variable) or is_time(variable) for variable in inputs):
        raise NotImplementedError("it gives text or dates a weight")
    factor = nodes.constant(float(weight))
    return [nodes.table(nodes.add("Mul", [v.full_name, factor]), v.type.shape[1], type(v.type))[0] for v in inputs]


PREDICTORS = {Pipeline: convert_pipeline}
TRANSFORMERS = {FeatureUnion: transform_union, Pipeline: transform_pipeline}
TIMES = (FeatureUnion, Pipeline)
BORDERS = {FeatureUnion: PARTS, Pipeline: PARTS}
