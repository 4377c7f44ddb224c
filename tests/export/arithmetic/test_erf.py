"""The error function, to the last digits."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._export.arithmetic.erf import LARGEST, STEPS, TERMS, table


def series(x: float) -> float:
    """What the graph computes, in Python."""
    size = min(abs(x), float(LARGEST))
    place = int(np.round(size * STEPS))
    return float(np.sign(x) * (table()[place] * (size - place / STEPS) ** np.arange(float(TERMS))).sum())


@given(st.floats(allow_nan=False))
def test_it_equals_the_standard_library_s(x: float) -> None:
    assert abs(series(x) - math.erf(x)) < 3e-16


def test_next_to_zero_it_is_relatively_as_good() -> None:
    for x in 10.0 ** np.arange(-300, 0):
        assert math.isclose(series(x), math.erf(x), rel_tol=1e-15)
