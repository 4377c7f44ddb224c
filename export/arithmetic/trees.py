"""Decision trees as `TreeEnsemble` nodes (ai.onnx.ml 5), exact to the last bit.

What scikit-learn computes: it compares X with float64 thresholds, in most families after casting it to float32, takes
for each tree the reached leaf's float64 value, and adds these in the trees' order. ONNX Runtime's own forest sums
float32 leaf weights instead, which moves probabilities by 4e-7 and flips labels at ties.

One value in a leaf: ONNX Runtime adds them in float64 and in the trees' order, if it has one thread. Several values in
a leaf, which version 5 of the operator cannot hold: each tree writes the row number of its leaf to a target of its own,
a table in float64 turns these into values, and `ordered_sum` adds them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from alpenglow._export.graph.nodes import ML5, Nodes

SUM, NO_TRANSFORM, LESS_OR_EQUAL = 1, 0, 0  # enumerations of the TreeEnsemble operator
# Float32 counts exactly up to here.
MOST_ROWS = 2**24
# Splits in one `TreeEnsemble` node. Adult's forest of 107,000 peaks 61 MB above an empty process while it loads as one
# node and 26 MB as five; each node more costs a single row 0.4 microseconds.
PART = 20_000


@dataclass(frozen=True)
class Tree:
    """One tree. Node 0 is the root; children are node numbers, -1 in a leaf.

    A row goes left if `x[feature] <= threshold`, or if that is NaN and `nan_left`. Splits by category are in `sides`:
    whether each code from 0 on goes left; a number that is none of them goes as `strays_left` says, or as NaN does.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]  # of a leaf any
    threshold: NDArray[np.float64]
    nan_left: NDArray[np.bool_]
    values: NDArray[np.float64]  # `[nodes, K]`, of which the leaves' matter
    sides: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)
    strays_left: bool | None = None


def of_scikit_learn(tree: Any, values: NDArray[Any] | None = None) -> Tree:
    """A fitted `sklearn.tree._tree.Tree`, with other values than its own if those are given `[nodes, K]`."""
    return Tree(
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.threshold,
        np.asarray(tree.missing_go_to_left).astype(bool),
        np.asarray(tree.value if values is None else values, np.float64).reshape(tree.node_count, -1),
    )


def constant(*values: float) -> Tree:
    """A tree that is one leaf: what a sum, or several, begins with."""
    return Tree(
        np.array([-1]),
        np.array([-1]),
        np.array([0]),
        np.array([0.0]),
        np.array([False]),
        np.array([values], np.float64),
    )


def largest_float32_not_above(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each threshold t the float32 f such that x <= t if and only if x <= f, for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = thresholds.astype(np.float32)
        return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def tree_sums(nodes: Nodes, x: str, trees: Sequence[Tree], targets: int = 1, dtype: Any = np.float64) -> str:
    """The sums of the reached leaves' values, `[N, targets]`, for `x` `[N, F]` of the same type, one value in a leaf.

    Several targets take turns: tree `i` adds to the target `i % targets`.
    """
    leaves = [tree.values[:, 0] for tree in trees]
    if sum(len(tree.left) for tree in trees) <= 2 * PART:
        turns = np.arange(len(trees)) % targets
        return ensemble(nodes, x, trees, leaves, turns, width=targets, dtype=dtype)
    apart = nodes.add("Transpose", [in_parts(nodes, x, trees, leaves, dtype)], perm=[1, 0])
    by_stage = nodes.add("Reshape", [apart, nodes.constant(np.array([len(trees) // targets, targets, -1]))])
    return nodes.add("Transpose", [nodes.ordered_sum(by_stage)], perm=[1, 0])


def tree_values(nodes: Nodes, x: str, trees: Sequence[Tree], dtype: Any = np.float32, values: Any = np.float64) -> str:
    """The reached leaves' values, `[T, N, K]`, in a type of their own, for `x` `[N, F]` of that type."""
    table, rows = leaf_rows(trees)
    if len(table) > MOST_ROWS:
        raise NotImplementedError(f"its leaves hold {len(table):,} distinct values, more than {MOST_ROWS:,}")
    apart = nodes.add("Transpose", [in_parts(nodes, x, trees, rows, dtype)], perm=[1, 0])
    return nodes.add("Gather", [nodes.constant(table.astype(values)), nodes.cast(apart, TensorProto.INT32)], axis=0)


def in_parts(nodes: Nodes, x: str, trees: Sequence[Tree], leaves: Sequence[NDArray[np.float64]], dtype: Any) -> str:
    """The reached leaf's value of each tree, `[N, T]`, from several `TreeEnsemble` nodes.

    While ONNX Runtime loads a node it needs many times its size.
    """
    size = np.cumsum([len(tree.left) // 2 for tree in trees])
    starts = [0, *(1 + np.flatnonzero(np.diff(size // PART))), len(trees)]
    parts = [
        ensemble(nodes, x, trees[a:b], leaves[a:b], range(b - a), width=b - a, dtype=dtype) for a, b in pairwise(starts)
    ]
    return parts[0] if len(parts) == 1 else nodes.add("Concat", parts, axis=1)


def tree_totals(nodes: Nodes, x: str, trees: Sequence[Tree]) -> str:
    """The sums `[N, K]` of trees that see `x` float64 `[N, F]` as float32, as most of scikit-learn's do."""
    narrow = nodes.cast(x, TensorProto.FLOAT)
    if trees[0].values.shape[1] == 1:
        return tree_sums(nodes, nodes.cast(narrow, TensorProto.DOUBLE), trees)
    return nodes.ordered_sum(tree_values(nodes, narrow, trees))


def leaf_rows(trees: Sequence[Tree]) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """The distinct values `[V, K]` of all leaves, and for each tree the row that each of its leaves would take."""
    is_leaf = np.concatenate([tree.left < 0 for tree in trees])
    table, of_leaf = np.unique(np.concatenate([tree.values for tree in trees])[is_leaf], axis=0, return_inverse=True)
    rows = np.zeros(len(is_leaf))
    rows[is_leaf] = of_leaf.reshape(-1)
    return table, np.split(rows, np.cumsum([len(tree.left) for tree in trees])[:-1])


def ensemble(
    nodes: Nodes,
    x: str,
    trees: Iterable[Tree],
    leaves: Iterable[NDArray[np.float64]],
    targets: Iterable[int],
    *,
    width: int,
    dtype: Any,
) -> str:
    """One `TreeEnsemble` node: `[N, width]`, in the type of `x`."""
    parts: dict[str, list[NDArray[Any]]] = {}
    first_node = first_leaf = 0
    roots = []
    for tree, values, target in zip(trees, leaves, targets, strict=True):
        for name, part in flatten(tree, values, target, first_node, first_leaf).items():
            parts.setdefault(name, []).append(part)
        roots.append(first_node)
        first_node += len(parts["nodes_splits"][-1])
        first_leaf += len(parts["leaf_weights"][-1])
    arrays = {name: np.concatenate(part) for name, part in parts.items()}
    splits = arrays["nodes_splits"]
    arrays["nodes_splits"] = largest_float32_not_above(splits) if dtype == np.float32 else splits
    arrays["leaf_weights"] = arrays["leaf_weights"].astype(dtype)
    tensors = {"nodes_splits", "nodes_modes", "leaf_weights"}
    if not arrays["nodes_missing_value_tracks_true"].any():
        del arrays["nodes_missing_value_tracks_true"]
    return nodes.add(
        "TreeEnsemble",
        [x],
        op_domain=ML5,
        op_version=1,
        tree_roots=roots,
        n_targets=width,
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        **{name: numpy_helper.from_array(a) if name in tensors else a.tolist() for name, a in arrays.items()},
    )


def flatten(
    tree: Tree, values: NDArray[np.float64], target: int, first_node: int, first_leaf: int
) -> dict[str, NDArray[Any]]:
    """One tree's share of the attributes: its inner nodes, and one leaf for each distinct value."""
    left, right, values = pruned(tree, values)
    inner = np.flatnonzero(left >= 0)
    if not len(inner):
        return single_leaf(values[0], target, first_leaf)
    is_leaf = np.zeros(len(left), bool)
    children = np.concatenate([left[inner], right[inner]])
    is_leaf[children] = left[children] < 0
    distinct, of_leaf = np.unique(values[is_leaf], return_inverse=True)
    place = np.empty(len(left), np.int64)
    place[is_leaf] = first_leaf + of_leaf
    place[inner] = first_node + np.arange(len(inner))
    if place[left[0]] == place[right[0]]:
        # ONNX Runtime 1.21 takes a root for a leaf if its ways lead to node k and to leaf k.
        place[is_leaf] = first_leaf + (of_leaf + 1) % len(distinct)
        distinct = np.roll(distinct, 1)
    return {
        "nodes_featureids": tree.feature[inner],
        "nodes_splits": tree.threshold[inner],
        "nodes_modes": np.full(len(inner), LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": place[left[inner]],
        "nodes_falsenodeids": place[right[inner]],
        "nodes_trueleafs": is_leaf[left[inner]].astype(np.int64),
        "nodes_falseleafs": is_leaf[right[inner]].astype(np.int64),
        "nodes_missing_value_tracks_true": tree.nan_left[inner].astype(np.int64),
        "leaf_targetids": np.full(len(distinct), target),
        "leaf_weights": distinct,
    }


def pruned(tree: Tree, values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The children and values once each split between two leaves of the same value has become that leaf.

    This is not for size alone: ONNX Runtime 1.24 finds the wrong leaf for a root whose two ways are one.
    """
    left, right, values = tree.left.copy(), tree.right.copy(), values.copy()
    while True:
        inner = np.flatnonzero(left >= 0)
        one, other = left[inner], right[inner]
        same = (left[one] < 0) & (left[other] < 0) & (values[one] == values[other])
        if not same.any():
            break
        values[inner[same]] = values[one[same]]
        left[inner[same]] = right[inner[same]] = -1
    # What is below a node that became a leaf is no part of the tree any more.
    left[~reachable(left, right)] = -1
    return left, right, values


def reachable(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which nodes can be reached from the root."""
    found = np.zeros(len(left), bool)
    level = np.array([0])
    while len(level):
        found[level] = True
        inner = level[left[level] >= 0]
        level = np.unique(np.concatenate([left[inner], right[inner]]))
    return found


def single_leaf(value: np.float64, target: int, leaf: int) -> dict[str, NDArray[Any]]:
    """A tree without a split: the operator wants a node, so it leads to two leaves of the same value."""
    return {
        "nodes_featureids": np.zeros(1, np.int64),
        "nodes_splits": np.zeros(1),
        "nodes_modes": np.full(1, LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": np.array([leaf]),
        "nodes_falsenodeids": np.array([leaf + 1]),
        "nodes_trueleafs": np.ones(1, np.int64),
        "nodes_falseleafs": np.ones(1, np.int64),
        "nodes_missing_value_tracks_true": np.zeros(1, np.int64),
        "leaf_targetids": np.array([target, target]),
        "leaf_weights": np.array([value, value]),
    }
