"""Decision trees as `TreeEnsemble` nodes (ai.onnx.ml 5), exact to the last bit.

What scikit-learn computes: it compares X with float64 thresholds, in most families after casting it to float32, takes
for each tree the reached leaf's float64 value, and adds these in the trees' order. ONNX Runtime's own forest sums
float32 leaf weights instead, which moves probabilities by 4e-7 and flips labels at ties.

One value in a leaf: ONNX Runtime adds them in float64 and in the trees' order, if it has one thread. Several values in
a leaf, which version 5 of the operator cannot hold: each tree writes the row number of its leaf to a target of its own,
a table in float64 turns these into values, and `ordered_sum` adds them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from export.nodes import ML5, Nodes

SUM, NO_TRANSFORM, LESS_OR_EQUAL = 1, 0, 0  # enumerations of the TreeEnsemble operator
# Float32 counts exactly up to here.
MOST_ROWS = 2**24


@dataclass(frozen=True)
class Tree:
    """One tree. Node 0 is the root; children are node numbers, -1 in a leaf.

    A row goes left if `x[feature] <= threshold`, or if that is NaN and `nan_left`.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    nan_left: NDArray[np.bool_]
    values: NDArray[np.float64]  # `[nodes, K]`, of which the leaves' matter
    target: int = 0  # the column of the sum that this tree adds to, if K is 1


def of_scikit_learn(tree: Any, values: NDArray[Any] | None = None, target: int = 0) -> Tree:
    """A fitted `sklearn.tree._tree.Tree`, with other values than its own if those are given `[nodes, K]`."""
    return Tree(
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.threshold,
        np.asarray(tree.missing_go_to_left).astype(bool),
        np.asarray(tree.value if values is None else values, np.float64).reshape(tree.node_count, -1),
        target,
    )


def constant(values: Sequence[float], target: int = 0) -> Tree:
    """A tree that is one leaf: what a sum begins with."""
    return Tree(
        np.array([-1]),
        np.array([-1]),
        np.array([0]),
        np.array([0.0]),
        np.array([False]),
        np.array([values], np.float64),
        target,
    )


def largest_float32_not_above(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each threshold t the float32 f such that x <= t if and only if x <= f, for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = thresholds.astype(np.float32)
        return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def tree_sums(nodes: Nodes, x: str, trees: Sequence[Tree], targets: int = 1) -> str:
    """The sums of the reached leaves' values, `[N, targets]`, for `x` float64 `[N, F]`, one value in each leaf."""
    leaves = [tree.values[:, 0] for tree in trees]
    return ensemble(nodes, x, trees, leaves, [tree.target for tree in trees], width=targets, dtype=np.float64)


def tree_values(nodes: Nodes, x: str, trees: Sequence[Tree]) -> str:
    """The reached leaves' values, `[T, N, K]`, for `x` float32 `[N, F]`."""
    table, rows = leaf_rows(trees)
    if len(table) > MOST_ROWS:
        raise NotImplementedError(f"its leaves hold {len(table):,} distinct values, more than {MOST_ROWS:,}")
    found = ensemble(nodes, x, trees, rows, range(len(trees)), width=len(trees), dtype=np.float32)
    by_tree = nodes.cast(nodes.add("Transpose", [found], perm=[1, 0]), TensorProto.INT32)
    return nodes.add("Gather", [nodes.constant(table), by_tree], axis=0)


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
    inner = np.flatnonzero(tree.left >= 0)
    if not len(inner):
        return single_leaf(values[0], target, first_leaf)
    is_leaf = tree.left < 0
    distinct, of_leaf = np.unique(values[is_leaf], return_inverse=True)
    place = np.empty(len(tree.left), np.int64)
    place[is_leaf] = first_leaf + of_leaf
    place[inner] = first_node + np.arange(len(inner))
    left, right = tree.left[inner], tree.right[inner]
    return {
        "nodes_featureids": tree.feature[inner],
        "nodes_splits": tree.threshold[inner],
        "nodes_modes": np.full(len(inner), LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": place[left],
        "nodes_falsenodeids": place[right],
        "nodes_trueleafs": is_leaf[left].astype(np.int64),
        "nodes_falseleafs": is_leaf[right].astype(np.int64),
        "nodes_missing_value_tracks_true": tree.nan_left[inner].astype(np.int64),
        "leaf_targetids": np.full(len(distinct), target),
        "leaf_weights": distinct,
    }


def single_leaf(value: np.float64, target: int, leaf: int) -> dict[str, NDArray[Any]]:
    """A tree without a split: the operator wants a node, so both its ways lead to the leaf."""
    return {
        "nodes_featureids": np.zeros(1, np.int64),
        "nodes_splits": np.zeros(1),
        "nodes_modes": np.full(1, LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": np.array([leaf]),
        "nodes_falsenodeids": np.array([leaf]),
        "nodes_trueleafs": np.ones(1, np.int64),
        "nodes_falseleafs": np.ones(1, np.int64),
        "nodes_missing_value_tracks_true": np.zeros(1, np.int64),
        "leaf_targetids": np.array([target]),
        "leaf_weights": np.array([value]),
    }
