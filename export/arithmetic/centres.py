"""Distances from rows to centres, as scikit-learn's clusterers and centroids compare them.

All of them compare |x|^2 - 2 x.c + |c|^2, as scikit-learn does, with or without the first part. Where the products are
not whole numbers, a row that is equally far from two centres but for the last bits may fall to either: scikit-learn
leaves the order of that sum to its BLAS.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import row_norms

from alpenglow._export.graph.nodes import Nodes

# OpenBLAS adds the squares of so many numbers one after the other, of more of them in strands.
MOST_IN_ORDER = 15


def partial_distances(nodes: Nodes, x: str, centres: NDArray[Any]) -> str:
    """The squared distances `[N, C]` less |x|^2."""
    norms = nodes.constant(row_norms(centres, squared=True))
    return nodes.add("Gemm", [x, nodes.constant(in_double(centres)), norms], alpha=-2.0, transB=1)


def in_double(centres: NDArray[Any]) -> NDArray[np.float64]:
    """Scikit-learn computes in float32 if it was fitted on that."""
    if centres.dtype != np.float64:
        raise NotImplementedError(f"it was fitted on {centres.dtype}")
    return centres


def smallest(nodes: Nodes, distances: str) -> str:
    """The first of the smallest `[N]`."""
    return nodes.add("ArgMin", [distances], axis=1, keepdims=0)


def nearest(nodes: Nodes, x: str, centres: NDArray[np.float64], norms: NDArray[np.float64] | None = None) -> str:
    """The number `[N]` of the centre that `sklearn.metrics.pairwise_distances_argmin` finds.

    Args:
        nodes: Adds to the graph.
        x: The rows, `[N, F]`.
        centres: `[C, F]`.
        norms: |c|^2 `[C]`, if scikit-learn is given them: their last bits may be other ones than it finds itself.
    """
    return smallest(nodes, squared_distances(nodes, x, in_double(centres), norms))


def squared_distances(
    nodes: Nodes, x: str, centres: NDArray[np.float64], norms: NDArray[np.float64] | None = None
) -> str:
    """|x|^2 - 2 x.c + |c|^2, not below zero, `[N, C]`."""
    own = squared_norms(nodes, x, centres.shape[1])
    products = nodes.add("Gemm", [x, nodes.constant(centres)], alpha=-2.0, transB=1)
    known = np.array([centre @ centre for centre in centres]) if norms is None else norms
    total = nodes.add("Add", [nodes.add("Add", [own, products]), nodes.constant(known[np.newaxis])])
    # Of a number that is too large this makes zero, as scikit-learn does of inf - inf.
    return nodes.add("Where", [nodes.add("Greater", [total, nodes.constant(0.0)]), total, nodes.constant(0.0)])


def squared_norms(nodes: Nodes, x: str, width: int) -> str:
    """|x|^2 `[N, 1]` of `[N, width]`; of few features as a product, which adds in the order of scikit-learn's BLAS."""
    if width > MOST_IN_ORDER:
        return nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
    row, column = (nodes.add("Unsqueeze", [x, nodes.constant(np.array([axis]))]) for axis in (1, 2))
    return nodes.add("Squeeze", [nodes.add("MatMul", [row, column]), nodes.constant(np.array([2]))])


def distances(nodes: Nodes, x: str, centres: NDArray[np.float64]) -> str:
    """The distances `[N, C]` as `sklearn.metrics.euclidean_distances` computes them."""
    return nodes.add("Sqrt", [squared_euclidean(nodes, x, centres)])


def squared_euclidean(nodes: Nodes, x: str, centres: NDArray[np.float64]) -> str:
    """The same, squared."""
    products = nodes.add("Gemm", [x, nodes.constant(centres)], alpha=-2.0, transB=1)
    own = nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
    norms = nodes.constant(row_norms(centres, squared=True)[np.newaxis])
    total = nodes.add("Add", [nodes.add("Add", [products, own]), norms])
    return nodes.add("Max", [total, nodes.constant(0.0)])
