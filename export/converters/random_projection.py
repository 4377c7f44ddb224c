"""Random projections."""

from typing import Any

from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.products import project
from alpenglow._export.graph.columns import as_kind, is_sparse
from alpenglow._export.graph.nodes import Inputs, Nodes


def random_project(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The product, sparse if the input is and nobody asked otherwise."""
    sparse = isinstance(model, SparseRandomProjection) and is_sparse(inputs) and not model.dense_output
    return as_kind(nodes, project(nodes, model, inputs), sparse=sparse)


TRANSFORMERS = dict.fromkeys((GaussianRandomProjection, SparseRandomProjection), random_project)
BORDERS = dict.fromkeys((GaussianRandomProjection, SparseRandomProjection), NOWHERE)
