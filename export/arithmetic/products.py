"""Linear maps to fewer columns, by a product of matrices; its sums are added in another order than NumPy adds them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.graph.hashes import Hashes
from alpenglow._export.graph.nodes import Inputs, Nodes


def project(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x @ components.T`."""
    components = model.components_
    dense = components.toarray() if hasattr(components, "toarray") else components
    return nodes.table(times(nodes, inputs, dense.T), len(dense))


def product(nodes: Nodes, x: str, matrix: NDArray[Any]) -> Inputs:
    """`x @ matrix`."""
    weights = nodes.constant(np.asarray(matrix, np.float64))
    return nodes.table(nodes.add("MatMul", [x, weights]), matrix.shape[1])


def times(nodes: Nodes, inputs: Inputs, matrix: NDArray[Any]) -> str:
    """The product `[N, C]` of all columns with a matrix `[F, C]`; of hashes, only with the rows they stand for."""
    weights = np.asarray(matrix, np.float64)
    ends = np.cumsum([variable.type.shape[1] for variable in inputs])
    whole = [variable for variable in inputs if not isinstance(variable, Hashes)]
    if len(whole) == len(inputs):
        return nodes.add("MatMul", [nodes.matrix(inputs), nodes.constant(weights)])
    parts = dict(zip(map(id, inputs), np.split(weights, ends[:-1]), strict=True))
    found = [variable.times(parts[id(variable)]) for variable in inputs if isinstance(variable, Hashes)]
    if whole:
        rest = nodes.constant(np.concatenate([parts[id(variable)] for variable in whole]))
        found.append(nodes.add("MatMul", [nodes.matrix(whole), rest]))
    return nodes.add("Sum", found) if len(found) > 1 else found[0]
