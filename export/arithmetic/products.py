"""Linear maps to fewer columns, by a product of matrices; its sums are added in another order than NumPy adds them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.graph.nodes import Inputs, Nodes


def project(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x @ components.T`."""
    components = model.components_
    dense = components.toarray() if hasattr(components, "toarray") else components
    return product(nodes, nodes.matrix(inputs), dense.T)


def product(nodes: Nodes, x: str, matrix: NDArray[Any]) -> Inputs:
    """`x @ matrix`."""
    weights = nodes.constant(np.asarray(matrix, np.float64))
    return nodes.table(nodes.add("MatMul", [x, weights]), matrix.shape[1])
