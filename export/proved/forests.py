"""Trees as both sides have them, once read: splits as cuts, leaves as values, and what is added up in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.proved.domains import Domain
from alpenglow._export.proved.floats import Keys

Array = NDArray[Any]


class UnreadableError(Exception):
    """Trees that cannot be read or compared: nothing is proved of them. The message says why."""


@dataclass(frozen=True, eq=False)
class Sides:
    """A split into more than two pieces, by category: the last key of each piece but the last, and which go left."""

    ends: Keys
    goes_left: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees in arrays over all of their nodes. `left` and `right` are nodes, -1 in a leaf.

    A row goes left if the key of `x[feature]` is at most `cut`, or as `sides` says of this node; NaN if `nan_left`.
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    cut: Keys
    nan_left: NDArray[np.bool_]
    value: NDArray[np.float64]  # `[nodes, K]`, of which the leaves' matter
    sides: dict[int, Sides] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Sums:
    """For each output the values that are added for it, in order: trees and columns of their leaves, `[L, 2]` each.

    Attributes:
        dtype: What they are added in; None where there is one each, or where the order is not known.
        starts: How many of the trees, the first ones, stand for the numbers that the sums begin with.
        reachable: What a feature can hold, where that is not every number.
        width: How many features there are; 0 where that is not known.
    """

    forest: Forest
    terms: Sequence[NDArray[np.int64]]
    dtype: type | None = None
    starts: int = 0
    reachable: dict[int, Domain] = field(default_factory=dict)
    width: int = 0

    @property
    def trees(self) -> int:
        """How many there are."""
        return len(self.forest.roots) - self.starts

    @property
    def nodes(self) -> int:
        """How many their nodes are."""
        return len(self.forest.left) - self.starts


def joined(trees: Sequence[Forest]) -> Forest:
    """Single trees, or several of them, as one forest."""
    first = np.cumsum([0, *(len(tree.left) for tree in trees)])[:-1]
    moved = [
        [np.where(side < 0, -1, side + at) for side in (tree.left, tree.right)]
        for tree, at in zip(trees, first, strict=True)
    ]
    return Forest(
        np.concatenate([tree.roots + at for tree, at in zip(trees, first, strict=True)]),
        np.concatenate([left for left, _ in moved]),
        np.concatenate([right for _, right in moved]),
        np.concatenate([tree.feature for tree in trees]),
        np.concatenate([tree.cut for tree in trees]),
        np.concatenate([tree.nan_left for tree in trees]),
        np.concatenate([tree.value for tree in trees]),
        {node + int(at): sides for tree, at in zip(trees, first, strict=True) for node, sides in tree.sides.items()},
    )


def constant(value: float) -> Forest:
    """What a sum begins with, as a tree of one leaf."""
    none = np.array([-1])
    return Forest(
        np.array([0]), none, none, np.array([0]), np.array([0]), np.array([False]), np.array([[value]], np.float64)
    )


def in_turns(count: int, outputs: int) -> list[NDArray[np.int64]]:
    """The terms of trees with one value in a leaf: tree `i` is added to the output `i % outputs`."""
    return [np.stack([turn := np.arange(k, count, outputs), np.zeros_like(turn)], axis=1) for k in range(outputs)]


def side_by_side(count: int, outputs: int) -> list[NDArray[np.int64]]:
    """The terms of trees with a value for each output in a leaf."""
    return [np.stack([np.arange(count), np.full(count, k)], axis=1) for k in range(outputs)]
