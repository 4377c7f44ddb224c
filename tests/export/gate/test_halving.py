"""Floats as integers in the same order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._export.gate.halving import ordered, unordered

FLOATS = st.floats(allow_nan=False)


@given(FLOATS, FLOATS)
def test_integers_are_in_the_order_of_the_floats(a: float, b: float) -> None:
    keys = ordered(np.array([a, b]))
    assert unordered(keys).tobytes() == np.array([a, b]).tobytes()
    if a != b:
        assert (keys[0] < keys[1]) == (a < b)
    if np.isfinite(a):
        assert unordered(keys + np.uint64(1))[0] == (np.nextafter(a, np.inf) if a != 0 or not np.signbit(a) else 0.0)
