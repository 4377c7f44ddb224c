"""Rows that reach a node of a tree, so that its threshold decides something once a number is moved onto it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.proved.floats import Keys, cuts, keys
from alpenglow._export.proved.forests import Forest

PART = 2**20  # pairs of a node and a row at once


class Steering:
    """The nodes of forests, by what they compare, and the ways to them."""

    def __init__(self, forests: Sequence[Forest]) -> None:
        self.forests = list(forests)
        self.places = [by_comparison(forest) for forest in forests]
        self.parents = [parents(forest) for forest in forests]

    def knows(self, feature: NDArray[np.int64], value: NDArray[np.float64], *, float32: bool) -> NDArray[np.bool_]:
        """Which edges are thresholds of nodes."""
        found = [self.nodes(which, feature, cuts(value, narrow=float32)) >= 0 for which in range(len(self.forests))]
        return np.any(found, axis=0) if found else np.zeros(len(feature), bool)

    def nodes(self, which: int, feature: NDArray[np.int64], cut: Keys) -> NDArray[np.int64]:
        """For each comparison a node of one forest that makes it, -1 if there is none."""
        pairs = zip(feature.tolist(), cut.tolist(), strict=True)
        return np.array([self.places[which].get(pair, -1) for pair in pairs], np.int64)

    def starts(
        self, seen: NDArray[np.float64], feature: NDArray[np.int64], value: NDArray[np.float64], *, float32: bool
    ) -> NDArray[np.int64]:
        """For each edge the row that reaches its node and is nearest to its value; -1 where none does.

        Args:
            seen: What the trees see of some rows, `[R, F]`.
            feature: Of each edge.
            value: Of each edge.
            float32: Whether the trees cast to float32 before they compare.
        """
        found = np.full(len(feature), -1)
        cut = cuts(value, narrow=float32)
        step = max(1, PART // max(1, len(seen)))
        for which in range(len(self.forests)):
            node = self.nodes(which, feature, cut)
            mine = np.flatnonzero((node >= 0) & (found < 0))
            for part in np.split(mine, range(step, len(mine), step)):
                reached = self.reached(which, node[part], seen)
                with np.errstate(invalid="ignore", over="ignore"):
                    far = np.abs(seen[:, feature[part]] - value[part])
                far = np.where(reached, np.nan_to_num(far, nan=np.finfo(np.float64).max), np.inf)
                found[part] = np.where(reached.any(axis=0), far.argmin(axis=0), -1)
        return found

    def reached(self, which: int, node: NDArray[np.int64], seen: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which rows reach which nodes of one forest, `[R, E]`."""
        forest, (parent, from_left) = self.forests[which], self.parents[which]
        at, missing = keys(seen), np.isnan(seen)
        found = np.ones((len(seen), len(node)), bool)
        by_category = np.isin(np.arange(len(forest.left)), list(forest.sides))
        while (on := np.flatnonzero(parent[node] >= 0)).size:
            before = parent[node[on]]
            feature = forest.feature[before]
            left = at[:, feature] <= forest.cut[before]
            for column in np.flatnonzero(by_category[before]).tolist():
                sides = forest.sides[int(before[column])]
                left[:, column] = sides.goes_left[np.searchsorted(sides.ends, at[:, feature[column]])]
            left = np.where(missing[:, feature], forest.nan_left[before], left)
            found[:, on] &= left == from_left[node[on]]
            node = np.where(parent[node] >= 0, parent[node], node)
        return found


def by_comparison(forest: Forest) -> dict[tuple[int, int], int]:
    """A node for each feature and cut."""
    inner = np.flatnonzero(forest.left >= 0)
    pairs = zip(forest.feature[inner].tolist(), forest.cut[inner].tolist(), strict=True)
    return dict(zip(pairs, inner.tolist(), strict=True))


def parents(forest: Forest) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of each node the one that leads to it, -1 for a root, and whether it is on the left."""
    inner = np.flatnonzero(forest.left >= 0)
    parent, from_left = np.full(len(forest.left), -1), np.zeros(len(forest.left), bool)
    parent[forest.left[inner]] = parent[forest.right[inner]] = inner
    from_left[forest.left[inner]] = True
    return parent, from_left
