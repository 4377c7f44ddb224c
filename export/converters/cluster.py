"""Clusterers that assign a row to the nearest centre, the first of those if several are as near.

All of them compare |x|^2 - 2 x.c + |c|^2, as scikit-learn does, with or without the first part. Where the products are
not whole numbers, a row that is equally far from two centres but for the last bits may fall to either: scikit-learn
leaves the order of that sum to its BLAS.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.cluster import AffinityPropagation, Birch, BisectingKMeans, KMeans, MeanShift, MiniBatchKMeans
from sklearn.utils.extmath import row_norms

from alpenglow._export.arithmetic.trees import Tree, tree_sums
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs

# OpenBLAS adds the squares of so many numbers one after the other, of more of them in strands.
MOST_IN_ORDER = 15


def convert_k_means(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """-2 x.c + |c|^2."""
    return {"label": smallest(nodes, partial_distances(nodes, nodes.matrix(inputs), model.cluster_centers_))}


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


def nearest(nodes: Nodes, x: str, centres: NDArray[np.float64]) -> str:
    """The number `[N]` of the centre that `sklearn.metrics.pairwise_distances_argmin` finds."""
    return smallest(nodes, squared_distances(nodes, x, in_double(centres)))


def squared_distances(nodes: Nodes, x: str, centres: NDArray[np.float64]) -> str:
    """|x|^2 - 2 x.c + |c|^2, not below zero, `[N, C]`."""
    own = squared_norms(nodes, x, centres.shape[1])
    products = nodes.add("Gemm", [x, nodes.constant(centres)], alpha=-2.0, transB=1)
    norms = nodes.constant(np.array([[centre @ centre for centre in centres]]))
    total = nodes.add("Add", [nodes.add("Add", [own, products]), norms])
    # Of a number that is too large this makes zero, as scikit-learn does of inf - inf.
    return nodes.add("Where", [nodes.add("Greater", [total, nodes.constant(0.0)]), total, nodes.constant(0.0)])


def squared_norms(nodes: Nodes, x: str, width: int) -> str:
    """|x|^2 `[N, 1]` of `[N, width]`; of few features as a product, which adds in the order of scikit-learn's BLAS."""
    if width > MOST_IN_ORDER:
        return nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
    row, column = (nodes.add("Unsqueeze", [x, nodes.constant(np.array([axis]))]) for axis in (1, 2))
    return nodes.add("Squeeze", [nodes.add("MatMul", [row, column]), nodes.constant(np.array([2]))])


def convert_centres(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """MeanShift and AffinityPropagation."""
    if not len(model.cluster_centers_):
        raise NotImplementedError("it did not converge and labels every row -1")
    return {"label": nearest(nodes, nodes.matrix(inputs), model.cluster_centers_)}


def convert_birch(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Several subclusters may make one cluster."""
    found = nearest(nodes, nodes.matrix(inputs), model.subcluster_centers_)
    labels = np.asarray(model.subcluster_labels_, np.int64)
    return {"label": nodes.add("Gather", [nodes.constant(labels), found], axis=0)}


def convert_bisecting(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """A walk down a tree: at each node to the nearer one of two centres, to the left one if both are as near."""
    x = nodes.matrix(inputs)
    mean = getattr(model, "_X_mean", 0.0)
    found = list(branches(model._bisecting_tree))
    inner = [node for node in found if node.left]
    if not inner:
        return convert_k_means(nodes, model, inputs)
    left = partial_distances(nodes, x, np.array([node.left.center for node in inner]) + mean)
    right = partial_distances(nodes, x, np.array([node.right.center for node in inner]) + mean)
    place = {id(node): at for at, node in enumerate(found)}
    feature = {id(node): at for at, node in enumerate(inner)}
    tree = Tree(
        left=np.array([place.get(id(node.left), -1) for node in found]),
        right=np.array([place.get(id(node.right), -1) for node in found]),
        feature=np.array([feature.get(id(node), -1) for node in found]),
        threshold=np.zeros(len(found)),
        nan_left=np.ones(len(found), bool),
        values=np.array([[0.0 if node.left else node.label] for node in found]),
    )
    label = tree_sums(nodes, nodes.add("Sub", [left, right]), [tree])
    return {"label": nodes.cast(nodes.flat(label), TensorProto.INT64)}


def branches(node: Any) -> Iterator[Any]:
    """A node and all below it."""
    yield node
    if node.left:
        yield from branches(node.left)
        yield from branches(node.right)


def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The distances to all centres."""
    centres = in_double(model.subcluster_centers_ if isinstance(model, Birch) else model.cluster_centers_)
    return nodes.table(distances(nodes, nodes.matrix(inputs), centres), len(centres))


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


PREDICTORS = {
    AffinityPropagation: convert_centres,
    Birch: convert_birch,
    BisectingKMeans: convert_bisecting,
    KMeans: convert_k_means,
    MeanShift: convert_centres,
    MiniBatchKMeans: convert_k_means,
}
TRANSFORMERS = dict.fromkeys((Birch, BisectingKMeans, KMeans, MiniBatchKMeans), transform)
