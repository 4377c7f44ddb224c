"""Clusterers that assign a row to the nearest centre, the first of those if several are as near."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.cluster import AffinityPropagation, Birch, BisectingKMeans, KMeans, MeanShift, MiniBatchKMeans

from alpenglow._export.arithmetic.borders import MARGIN, Borders, label, middles
from alpenglow._export.arithmetic.centres import distances, in_double, nearest, partial_distances, smallest
from alpenglow._export.arithmetic.trees import Tree, tree_sums
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_k_means(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """-2 x.c + |c|^2."""
    return {"label": smallest(nodes, partial_distances(nodes, nodes.matrix(inputs), model.cluster_centers_))}


def convert_centres(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """MeanShift and AffinityPropagation."""
    if not len(model.cluster_centers_):
        raise NotImplementedError("it did not converge and labels every row -1")
    return {"label": nearest(nodes, nodes.matrix(inputs), model.cluster_centers_)}


def convert_birch(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Several subclusters may make one cluster."""
    found = nearest(nodes, nodes.matrix(inputs), model.subcluster_centers_, model._subcluster_norms)
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


PREDICTORS = {
    AffinityPropagation: convert_centres,
    Birch: convert_birch,
    BisectingKMeans: convert_bisecting,
    KMeans: convert_k_means,
    MeanShift: convert_centres,
    MiniBatchKMeans: convert_k_means,
}
TRANSFORMERS = dict.fromkeys((Birch, BisectingKMeans, KMeans, MiniBatchKMeans), transform)
BORDERS = {
    **dict.fromkeys(
        (BisectingKMeans, KMeans, MiniBatchKMeans),
        Borders(points=lambda model: middles(model.cluster_centers_), decisions=(label,)),
    ),
    **dict.fromkeys((AffinityPropagation, MeanShift), MARGIN),
    Birch: Borders(points=lambda model: middles(model.subcluster_centers_), decisions=(label,)),
}
