"""A `TreeEnsemble` node of ai.onnx.ml 5, read as the operator's specification has it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from alpenglow._export.proved.floats import cuts
from alpenglow._export.proved.forests import Forest, UnreadableError

LESS_OR_EQUAL, LESS, GREATER_OR_EQUAL, GREATER = range(4)
SUM, NO_TRANSFORM = 1, 0


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The trees of one node; `target` is the output that each of them adds to."""

    forest: Forest
    target: NDArray[np.int64]
    width: int
    dtype: type


def read(node: onnx.NodeProto, *, narrow: bool) -> Ensemble:
    """The node's trees.

    Args:
        node: A `TreeEnsemble`.
        narrow: Whether what it compares has been cast to float32.

    Raises:
        UnreadableError: It holds what is not known here, or leads nowhere.
    """
    found = {attribute.name: plain(attribute) for attribute in node.attribute}
    if found.get("aggregate_function", SUM) != SUM or found.get("post_transform", NO_TRANSFORM) != NO_TRANSFORM:
        raise UnreadableError("the graph's trees are not added up")
    splits, weights = found["nodes_splits"], found["leaf_weights"]
    inner, leaves = len(splits), len(weights)
    modes = np.asarray(found["nodes_modes"])
    if (modes > GREATER).any():
        raise UnreadableError("the graph's trees compare for equality")
    ways = [
        way(found[f"nodes_{side}nodeids"], found[f"nodes_{side}leafs"], inner, leaves) for side in ("true", "false")
    ]
    tracks = np.asarray(found.get("nodes_missing_value_tracks_true", np.zeros(inner)), bool)
    turned = (modes == GREATER_OR_EQUAL) | (modes == GREATER)  # the small numbers take the false way
    strict = (modes == LESS) | (modes == GREATER_OR_EQUAL)
    none = np.full(leaves, -1)
    forest = Forest(
        roots=np.asarray(found["tree_roots"]),
        left=np.concatenate([np.where(turned, ways[1], ways[0]), none]),
        right=np.concatenate([np.where(turned, ways[0], ways[1]), none]),
        feature=np.concatenate([found["nodes_featureids"], none]),
        cut=np.concatenate([cuts(splits, strict=strict, narrow=narrow or splits.dtype == np.float32), none]),
        # Without a track of its own NaN meets no comparison.
        nan_left=np.concatenate([tracks != turned, np.zeros(leaves, bool)]),
        value=np.concatenate([np.zeros(inner), weights.astype(np.float64)])[:, np.newaxis],
    )
    if not ((forest.roots >= 0) & (forest.roots < inner)).all():
        raise UnreadableError("a tree of the graph has no root")
    width = int(found["n_targets"])
    target = targets(forest, np.concatenate([np.zeros(inner, np.int64), found["leaf_targetids"]]))
    if not ((target >= 0) & (target < width)).all():
        raise UnreadableError("a tree of the graph adds to an output that there is not")
    return Ensemble(forest, target, width, weights.dtype.type)


def plain(attribute: onnx.AttributeProto) -> Any:
    """An attribute as a number or an array."""
    value = helper.get_attribute_value(attribute)
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return np.asarray(value) if isinstance(value, list) else value


def way(ids: NDArray[np.int64], to_leaf: NDArray[np.int64], inner: int, leaves: int) -> NDArray[np.int64]:
    """Where nodes lead: inner nodes have the first numbers, leaves those after."""
    if not ((ids >= 0) & (ids < np.where(to_leaf, leaves, inner))).all():
        raise UnreadableError("a node of the graph leads nowhere")
    return np.where(to_leaf, ids + inner, ids)


def targets(forest: Forest, target: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each tree the one output that all of its leaves add to."""
    trees = len(forest.roots)
    least, most = np.full(trees, np.iinfo(np.int64).max), np.full(trees, -1)
    tree, node = np.arange(trees), forest.roots
    for _ in range(len(forest.left) + 1):
        leaf = forest.left[node] < 0
        np.minimum.at(least, tree[leaf], target[node[leaf]])
        np.maximum.at(most, tree[leaf], target[node[leaf]])
        tree, node = tree[~leaf], node[~leaf]
        if not len(node):
            break
        both = np.stack([np.tile(tree, 2), np.concatenate([forest.left[node], forest.right[node]])])
        both = np.unique(both[0] * len(forest.left) + both[1])
        tree, node = np.divmod(both, len(forest.left))
    else:
        raise UnreadableError("a tree of the graph leads back to itself")
    if (least != most).any():
        raise UnreadableError("a tree of the graph adds to several outputs")
    return least
