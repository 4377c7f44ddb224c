"""Neighbouring numbers with a border between them, found by halving what lies between two others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGN = np.uint64(1 << 63)


def bisect(before: Any, low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Neighbouring float64 between `low` and `high` of which one is before the edge and the other is not."""
    left, right = ordered(np.ascontiguousarray(low)), ordered(np.ascontiguousarray(high))
    first = before(low)
    while (right - left > np.uint64(1)).any():
        middle = left + (right - left) // np.uint64(2)
        on_left = before(unordered(middle)) == first
        left, right = np.where(on_left, middle, left), np.where(on_left, right, middle)
    return unordered(left), unordered(right)


def ordered(x: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Integers in the order of the floats, neighbours to neighbours: the bits, turned over below zero."""
    bits = x.view(np.uint64)
    return np.where(bits >> 63, ~bits, bits | SIGN)


def unordered(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The floats of such integers."""
    return np.where(keys >> 63, keys ^ SIGN, ~keys).view(np.float64)
