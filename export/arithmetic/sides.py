"""Splits by category, as comparisons with columns that the graph adds: 0 where a row goes left, 1 where it goes right.

A chain of comparisons, one for each run of categories that go the same way, would have several nodes lead to one, which
ONNX Runtime 1.32 refuses; and copies of what is below would multiply with each such split on a path.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.trees import Tree
from alpenglow._export.graph.nodes import Nodes


def with_sides(nodes: Nodes, x: str, width: int, trees: Sequence[Tree], lowest: float) -> tuple[str, list[Tree]]:
    """The columns, and one more for each different split by category; the trees, with comparisons in their place.

    Args:
        nodes: The graph.
        x: float64 `[N, width]`.
        width: How many columns there are.
        trees: As they were fitted.
        lowest: What is not above it is no code; other numbers are cut to one.
    """
    counts: dict[int, int] = {}  # of codes, by feature
    for tree in trees:
        for node, left in tree.sides.items():
            feature = int(tree.feature[node])
            counts[feature] = max(counts.get(feature, 0), len(left))
    columns, total = [x], width
    places: dict[tuple[int, bytes], int] = {}
    for feature, count in counts.items():
        different = {
            side.tobytes(): side
            for tree in trees
            for node in tree.sides
            if tree.feature[node] == feature
            for side in [goes_right(tree, node, count)]
        }
        places |= {(feature, key): total + at for at, key in enumerate(different)}
        total += len(different)
        columns.append(looked_up(nodes, nodes.pick(x, feature), np.array(list(different.values())).T, lowest))
    if not counts:
        return x, list(trees)
    return nodes.add("Concat", columns, axis=1), [compared(tree, counts, places) for tree in trees]


def goes_right(tree: Tree, node: int, count: int) -> NDArray[np.bool_]:
    """Of each of so many codes and, last, of what is none of them, `[count + 1]`."""
    right = np.full(count + 1, not tree.nan_left[node])
    right[: len(tree.sides[node])] = ~tree.sides[node]
    return right


def looked_up(nodes: Nodes, column: str, table: NDArray[np.bool_], lowest: float) -> str:
    """The rows `[N, K]`, as float64, of a table `[codes + 1, K]`, for a column `[N]`; its last row is for no code."""
    above = nodes.add("Greater", [column, nodes.constant(lowest)])
    known = nodes.add("And", [above, nodes.add("Less", [column, nodes.constant(len(table) - 1.0)])])
    code = nodes.add("Max", [nodes.add("Floor", [column]), nodes.constant(0.0)])
    index = nodes.cast(nodes.add("Where", [known, code, nodes.constant(-1.0)]), TensorProto.INT64)
    return nodes.cast(nodes.add("Gather", [nodes.constant(table), index], axis=0), TensorProto.DOUBLE)


def compared(tree: Tree, counts: dict[int, int], places: dict[tuple[int, bytes], int]) -> Tree:
    """The tree with its splits by category as comparisons with the columns at these places."""
    feature, threshold, nan_left = tree.feature.copy(), tree.threshold.copy(), tree.nan_left.copy()
    for node in tree.sides:
        of = int(tree.feature[node])
        feature[node] = places[of, goes_right(tree, node, counts[of]).tobytes()]
        threshold[node], nan_left[node] = 0.5, False
    return replace(tree, feature=feature, threshold=threshold, nan_left=nan_left, sides={})


def edges(tree: Tree) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the side changes: features, and the largest number before the next code; a code is cut towards zero."""
    found = [
        (tree.feature[node], -1.0 if code == 0 else np.nextafter(code, -np.inf))
        for node, left in tree.sides.items()
        for code in np.flatnonzero(np.diff(np.r_[tree.nan_left[node], left, tree.nan_left[node]])).tolist()
    ]
    return np.array([feature for feature, _ in found], np.int64), np.array([value for _, value in found], np.float64)
