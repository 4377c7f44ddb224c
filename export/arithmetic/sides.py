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


def with_sides(
    nodes: Nodes, x: str, width: int, trees: Sequence[Tree], lowest: float, *, float32: bool = False
) -> tuple[str, list[Tree]]:
    """The columns, and one more for each different split by category; the trees, with comparisons in their place.

    Args:
        nodes: The graph.
        x: float64 `[N, width]`.
        width: How many columns there are.
        trees: As they were fitted.
        lowest: What is not above it is no code; other numbers are cut to one.
        float32: Whether a number is cast before it is cut.
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
        column = nodes.pick(x, feature)
        if float32:
            column = nodes.cast(nodes.cast(column, TensorProto.FLOAT), TensorProto.DOUBLE)
        columns.append(looked_up(nodes, column, np.array(list(different.values())).T, lowest))
    if not counts:
        return x, list(trees)
    return nodes.add("Concat", columns, axis=1), [compared(tree, counts, places) for tree in trees]


def goes_right(tree: Tree, node: int, count: int) -> NDArray[np.bool_]:
    """Of each of so many codes, of a number that is none of them, and of NaN, `[count + 2]`."""
    right = np.full(count + 2, not strays_left(tree, node))
    right[: len(tree.sides[node])] = ~tree.sides[node]
    right[-1] = not tree.nan_left[node]
    return right


def strays_left(tree: Tree, node: int) -> bool:
    """Whether a number that is no code goes left."""
    return bool(tree.nan_left[node]) if tree.strays_left is None else tree.strays_left


def looked_up(nodes: Nodes, column: str, table: NDArray[np.bool_], lowest: float) -> str:
    """The rows `[N, K]`, as float64, of a table `[codes + 2, K]`, for a column `[N]`.

    The last but one is for numbers that are no code, the last for NaN.
    """
    above = nodes.add("Greater", [column, nodes.constant(lowest)])
    known = nodes.add("And", [above, nodes.add("Less", [column, nodes.constant(len(table) - 2.0)])])
    code = nodes.add("Max", [nodes.add("Floor", [column]), nodes.constant(0.0)])
    none = nodes.constant(-1.0)
    if (table[-1] == table[-2]).all():
        table = table[:-1]
    else:
        none = nodes.add("Where", [nodes.add("IsNaN", [column]), none, nodes.constant(-2.0)])
    index = nodes.cast(nodes.add("Where", [known, code, none]), TensorProto.INT64)
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
        for stray in [strays_left(tree, node)]
        for code in np.flatnonzero(np.diff(np.r_[stray, left, stray])).tolist()
    ]
    return np.array([feature for feature, _ in found], np.int64), np.array([value for _, value in found], np.float64)
