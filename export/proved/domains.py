"""Sets of what a feature can be: intervals of keys, and whether it can be missing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from alpenglow._export.proved.floats import GREATEST, LEAST, Keys

Intervals = tuple[tuple[int, int], ...]  # first and last key of each, ascending, none empty


@dataclass(frozen=True)
class Domain:
    """Some numbers, and perhaps NaN."""

    intervals: Intervals
    nan: bool

    def __bool__(self) -> bool:
        return self.nan or bool(self.intervals)

    def __and__(self, other: "Domain") -> "Domain":
        both = ((max(a, c), min(b, d)) for a, b in self.intervals for c, d in other.intervals if max(a, c) <= min(b, d))
        return Domain(tuple(both), self.nan and other.nan)

    def __or__(self, other: "Domain") -> "Domain":
        return Domain(merged([*self.intervals, *other.intervals]), self.nan or other.nan)


ALL = Domain(((LEAST, GREATEST),), nan=True)
NUMBERS = Domain(((LEAST, GREATEST),), nan=False)


def merged(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """The same numbers in as few intervals as it takes."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def halves(cut: int, *, nan_left: bool) -> tuple[Domain, Domain]:
    """What goes left of a cut, and what goes right."""
    left = ((LEAST, min(cut, GREATEST)),) if cut >= LEAST else ()
    right = ((max(cut + 1, LEAST), GREATEST),) if cut < GREATEST else ()
    return Domain(left, nan_left), Domain(right, not nan_left)


def pieces(ends: Keys, goes_left: "np.typing.NDArray[np.bool_]", *, nan_left: bool) -> tuple[Domain, Domain]:
    """The same of a split with more than two pieces."""
    firsts, lasts = [LEAST, *(ends + 1).tolist()], [*ends.tolist(), GREATEST]
    both = list(zip(firsts, lasts, goes_left.tolist(), strict=True))
    left = merged((a, b) for a, b, side in both if side)
    right = merged((a, b) for a, b, side in both if not side)
    return Domain(left, nan_left), Domain(right, not nan_left)
