"""Two forests, walked together from their roots: whether every row there can be reaches the same values in both.

Pairs of nodes, one of each forest, that the same rows reach are compared level by level, for all trees at once. Where
both split alike, so do the rows. Where they do not, what rows there can be at that pair is worked out, and these are
followed through both; a pair of unequal leaves that some row reaches is a difference, and that row shows it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.proved.domains import ALL, NUMBERS, Domain, halves, pieces
from alpenglow._export.proved.floats import key, number
from alpenglow._export.proved.forests import Forest, UnreadableError

# How a pair follows from the one before: both went one way, or only one forest did. Of others a domain tells.
BOTH_LEFT, BOTH_RIGHT, WANTED_LEFT, WANTED_RIGHT, FOUND_LEFT, FOUND_RIGHT, TOLD = range(7)
Row = dict[int, float]  # a number, or NaN, for each feature that matters
# So many pairs for each node are a walk through the same trees; far more are other trees.
MOST_PAIRS = 10


@dataclass(frozen=True)
class Difference:
    """A row, by the features that matter, that reaches other values; and the pair of nodes where the ways part."""

    tree: int  # which of the pairs of trees
    wanted: int
    found: int
    row: Row


@dataclass(frozen=True, eq=False)
class Level:
    """Pairs of nodes, and the pair of the level before that each follows from."""

    wanted: NDArray[np.int64]
    found: NDArray[np.int64]
    parent: NDArray[np.int64]
    kind: NDArray[np.int64]
    told: dict[int, tuple[int, Domain]] = field(default_factory=dict)


@dataclass
class Together:
    """The walk through both.

    Attributes:
        wanted: What the estimator has.
        found: What the graph has.
        columns: The columns of the leaves' values that are compared, of each of them.
        never: The features that are never NaN.
        reachable: What else is known of features.
    """

    wanted: Forest
    found: Forest
    columns: tuple[Any, Any]
    never: NDArray[np.bool_]
    reachable: dict[int, Domain]

    def difference(self, roots: NDArray[np.int64]) -> Difference | None:
        """A row that tells the two apart; None if there is none.

        Args:
            roots: Of pairs of trees, `[P, 2]`: those that are wanted, and those that are found.

        Raises:
            UnreadableError: They are too far apart to tell.
        """
        if not len(roots):
            return None
        start = np.zeros(len(roots), np.int64)
        levels = [Level(roots[:, 0], roots[:, 1], start, start)]
        left = MOST_PAIRS * (len(self.wanted.left) + len(self.found.left)) + 10_000
        self.categories = named_sides(self.wanted, self.found)
        while len(levels[-1].wanted):
            left -= len(levels[-1].wanted)
            if left < 0:
                raise UnreadableError("the graph's trees are too different to be compared")
            following = self.step(levels)
            if isinstance(following, Difference):
                return following
            levels.append(following)
        return None

    def step(self, levels: Sequence[Level]) -> Level | Difference:
        """The pairs that follow from those of the last level."""
        w, f = levels[-1].wanted, levels[-1].found
        wanted, found = self.wanted, self.found
        wanted_leaf, found_leaf = wanted.left[w] < 0, found.left[f] < 0
        both = ~wanted_leaf & ~found_leaf
        alike = both & self.alike(w, f)
        asked = both & ~alike
        leaves = np.flatnonzero(wanted_leaf & found_leaf)
        equal = (wanted.value[w[leaves]][:, self.columns[0]] == found.value[f[leaves]][:, self.columns[1]]).all(axis=1)
        asked[leaves[~equal]] = True
        parts: list[tuple[Any, Any, Any, int]] = []
        for at, sides in (
            (np.flatnonzero(alike), ((wanted.left, found.left, BOTH_LEFT), (wanted.right, found.right, BOTH_RIGHT))),
            (
                np.flatnonzero(found_leaf & ~wanted_leaf),
                ((wanted.left, None, WANTED_LEFT), (wanted.right, None, WANTED_RIGHT)),
            ),
            (
                np.flatnonzero(wanted_leaf & ~found_leaf),
                ((None, found.left, FOUND_LEFT), (None, found.right, FOUND_RIGHT)),
            ),
        ):
            for one, other, kind in sides:
                parts.append((w[at] if one is None else one[w[at]], f[at] if other is None else other[f[at]], at, kind))
        more: list[tuple[int, int, int, tuple[int, Domain]]] = []
        for pair in np.flatnonzero(asked).tolist():
            answer = self.ask(levels, pair)
            if isinstance(answer, Difference):
                return answer
            more += answer
        return Level(
            np.concatenate([*(part[0] for part in parts), np.array([one[0] for one in more], np.int64)]),
            np.concatenate([*(part[1] for part in parts), np.array([one[1] for one in more], np.int64)]),
            np.concatenate([*(part[2] for part in parts), np.array([one[2] for one in more], np.int64)]),
            np.concatenate([*(np.full(len(part[2]), part[3]) for part in parts), np.full(len(more), TOLD)]),
            {sum(len(part[2]) for part in parts) + i: one[3] for i, one in enumerate(more)},
        )

    def alike(self, w: NDArray[np.int64], f: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether pairs of splits send every number, and NaN where there can be one, to the same sides."""
        wanted, found = self.wanted, self.found
        feature = wanted.feature[w]
        first, second = self.categories[0][w], self.categories[1][f]
        same = (first == second) & ((first >= 0) | (wanted.cut[w] == found.cut[f])) & (feature == found.feature[f])
        return np.asarray(same & ((wanted.nan_left[w] == found.nan_left[f]) | self.never[feature]))

    def ask(self, levels: Sequence[Level], pair: int) -> Difference | list[tuple[int, int, int, tuple[int, Domain]]]:
        """What follows from a pair that is not alike: nothing if no row reaches it."""
        w, f = int(levels[-1].wanted[pair]), int(levels[-1].found[pair])
        box = self.box(levels, pair)
        if not all(box.values()):
            return []
        row = {feature: some(domain) for feature, domain in box.items()}
        difference = self.apart(levels, pair, row)
        if difference or self.wanted.left[w] < 0:
            return difference or []
        feature = int(self.wanted.feature[w])
        here = box.get(feature) or self.domain(feature)
        following = []
        sides = zip(split(self.wanted, w), (int(self.wanted.left[w]), int(self.wanted.right[w])), strict=True)
        for domain, child in sides:
            for place, rest in self.landing(f, feature, here & domain).items():
                following.append((child, place, pair, (feature, rest)))
        return following

    def landing(self, node: int, feature: int, domain: Domain) -> dict[int, Domain]:
        """The nodes of the graph that numbers of a feature lead to, past all that split by this feature."""
        found: dict[int, Domain] = {}
        waiting = [(node, domain)]
        for _ in range(MOST_PAIRS * (len(self.found.left) + 1)):
            if not waiting:
                return found
            node, domain = waiting.pop()
            if self.found.left[node] < 0 or self.found.feature[node] != feature:
                found[node] = found[node] | domain if node in found else domain
                continue
            children = int(self.found.left[node]), int(self.found.right[node])
            for side, child in zip(split(self.found, node), children, strict=True):
                if rest := domain & side:
                    waiting.append((child, rest))
        raise UnreadableError("a tree of the graph leads back to itself")

    def domain(self, feature: int) -> Domain:
        """What a feature can be."""
        return self.reachable.get(feature, ALL) & (NUMBERS if self.never[feature] else ALL)

    def box(self, levels: Sequence[Level], pair: int) -> dict[int, Domain]:
        """What the features can be in rows that reach a pair, of those that matter."""
        box: dict[int, Domain] = {}

        def narrow(feature: int, domain: Domain) -> None:
            box[feature] = (box[feature] if feature in box else self.domain(feature)) & domain

        for depth in range(len(levels) - 1, 0, -1):
            level, before = levels[depth], levels[depth - 1]
            parent, kind = int(level.parent[pair]), int(level.kind[pair])
            if kind == TOLD:
                narrow(*level.told[pair])
            else:
                found = kind in (FOUND_LEFT, FOUND_RIGHT)
                forest, node = (self.found, before.found[parent]) if found else (self.wanted, before.wanted[parent])
                side = split(forest, int(node))[kind in (BOTH_RIGHT, WANTED_RIGHT, FOUND_RIGHT)]
                narrow(int(forest.feature[node]), side)
            pair = parent
        return box

    def apart(self, levels: Sequence[Level], pair: int, row: Row) -> Difference | None:
        """Where the ways of a row part, if it reaches other values from a pair on."""
        last = levels[-1]
        ends = [end(self.wanted, int(last.wanted[pair]), row), end(self.found, int(last.found[pair]), row)]
        if (self.wanted.value[ends[0], self.columns[0]] == self.found.value[ends[1], self.columns[1]]).all():
            return None
        for level in levels[::-1]:
            root, pair = pair, int(level.parent[pair])
        w, f = int(levels[0].wanted[root]), int(levels[0].found[root])
        while self.wanted.left[w] >= 0 and self.found.left[f] >= 0 and self.alike(np.array([w]), np.array([f]))[0]:
            w, f = onward(self.wanted, w, row), onward(self.found, f, row)
        return Difference(root, w, f, row)


def named_sides(*forests: Forest) -> list[NDArray[np.int64]]:
    """Of each node a number for its split by category, the same for the same ones; -1 where there is none."""
    names: dict[tuple[bytes, bytes], int] = {}
    found = []
    for forest in forests:
        named = np.full(len(forest.left), -1)
        for node, sides in forest.sides.items():
            last = np.flatnonzero(sides.goes_left[1:] != sides.goes_left[:-1])  # of each run of pieces but the last
            runs = sides.ends[last].tobytes(), sides.goes_left[np.r_[last, -1]].tobytes()
            named[node] = names.setdefault(runs, len(names))
        found.append(named)
    return found


def split(forest: Forest, node: int) -> tuple[Domain, Domain]:
    """What goes left at a node, and what goes right."""
    nan_left = bool(forest.nan_left[node])
    sides = forest.sides.get(node)
    if sides is None:
        return halves(int(forest.cut[node]), nan_left=nan_left)
    return pieces(sides.ends, sides.goes_left, nan_left=nan_left)


def some(domain: Domain) -> float:
    """A number of the domain: one in the middle; NaN if there is none."""
    if not domain.intervals:
        return float("nan")
    first, last = domain.intervals[len(domain.intervals) // 2]
    return number(first + (last - first) // 2)


def onward(forest: Forest, node: int, row: Row) -> int:
    """The next node of a row's way; a feature that does not matter is 0."""
    x = row.setdefault(int(forest.feature[node]), 0.0)
    at = key(x)
    if math.isnan(x):
        left = bool(forest.nan_left[node])
    elif node in forest.sides:
        sides = forest.sides[node]
        left = bool(sides.goes_left[np.searchsorted(sides.ends, at)])
    else:
        left = at <= forest.cut[node]
    return int((forest.left if left else forest.right)[node])


def end(forest: Forest, node: int, row: Row) -> int:
    """The leaf that a row reaches.

    Raises:
        UnreadableError: There is none.
    """
    for _ in range(len(forest.left)):
        if forest.left[node] < 0:
            return node
        node = onward(forest, node, row)
    raise UnreadableError("a tree of the graph leads back to itself")
