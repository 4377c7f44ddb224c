"""Float64 in its order as integers, and comparisons as the last number for which they hold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
NOTHING = np.iinfo(np.int64).min  # the cut of a comparison that holds for no number


def keys(x: Any) -> Keys:
    """Integers in the order of the numbers, neighbours to neighbours; -0.0 is just before 0.0."""
    bits = np.ascontiguousarray(x, np.float64).view(np.int64)
    return np.where(bits < 0, ~(bits & np.int64(2**63 - 1)), bits)


def key(x: float) -> int:
    """The same of one number."""
    return int(keys(np.array([x]))[0])


def numbers(places: Any) -> NDArray[np.float64]:
    """The numbers of such integers."""
    found = np.asarray(places, np.int64)
    return np.where(found < 0, ~found | np.int64(NOTHING), found).view(np.float64)


def number(place: int) -> float:
    """The number of one of them."""
    return float(numbers(np.array([place]))[0])


LEAST, GREATEST = key(-np.inf), key(np.inf)


def cuts(thresholds: Any, *, strict: Any = False, narrow: bool = False) -> Keys:
    """For each threshold t the key of the largest float64 x with x <= t, or x < t where `strict`.

    With `narrow`, x is cast to float32 before it is compared. Two comparisons of one feature are the same for every
    number there is if and only if their cuts are.
    """
    t = np.asarray(thresholds, np.float64) + 0.0  # -0.0 compares as 0.0 does
    with np.errstate(over="ignore"):  # below the least number is minus infinity
        last = narrow_cut(t, np.asarray(strict)) if narrow else np.where(strict, np.nextafter(t, -np.inf), t)
    nothing = np.isnan(last) | (np.asarray(strict) & (t == -np.inf))
    return np.where(nothing, NOTHING, keys(last))


def narrow_cut(t: NDArray[np.float64], strict: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The largest float64 whose float32 is <= t, or < t where `strict`; NaN where there is none."""
    with np.errstate(over="ignore", invalid="ignore"):
        f = t.astype(np.float32)
        f = np.where((f > t) | (strict & (f == t)), np.nextafter(f, np.float32(-np.inf)), f)
        f = np.where(f == 0, np.float32(0), f)
        above = np.nextafter(f, np.float32(np.inf)).astype(np.float64)
        # What is beyond float32 rounds as if 2^128 were its next number.
        above = np.where(np.isposinf(above), 2.0**128, above)
        below = np.where(np.isneginf(f), -(2.0**128), f.astype(np.float64))
        middle = below + (above - below) / 2
        tie = middle.astype(np.float32) <= f
        last = np.where(tie, middle, np.nextafter(middle, -np.inf))
    return np.where(np.isposinf(f), np.inf, np.where(np.isnan(t) | (strict & (t == -np.inf)), np.nan, last))
