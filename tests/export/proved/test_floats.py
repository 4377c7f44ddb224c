"""Comparisons as the last number for which they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._export.proved.floats import NOTHING, cuts, keys, number

FLOATS = st.floats(allow_nan=False)


@given(FLOATS, FLOATS)
def test_keys_are_in_the_order_of_the_numbers(a: float, b: float) -> None:
    first, second = keys(np.array([a, b])).tolist()
    if a != b:
        assert (first < second) == (a < b)
    assert [number(first), number(second)] == [a, b]


@given(x=FLOATS, threshold=FLOATS, strict=st.booleans(), narrow=st.booleans())
def test_a_number_is_up_to_the_cut_if_and_only_if_it_compares(
    x: float, threshold: float, strict: bool, narrow: bool
) -> None:
    check(x, threshold, strict=strict, narrow=narrow)


@given(threshold=FLOATS, strict=st.booleans(), narrow=st.booleans(), step=st.integers(-2, 2))
def test_it_holds_next_to_the_cut(threshold: float, strict: bool, narrow: bool, step: int) -> None:
    cut = int(cuts(np.array([threshold]), strict=strict, narrow=narrow)[0])
    if cut != NOTHING:
        x = number(int(np.clip(cut + step, *keys(np.array([-np.inf, np.inf])))))
        check(x, threshold, strict=strict, narrow=narrow)


def check(x: float, threshold: float, *, strict: bool, narrow: bool) -> None:
    """The cut says of a number what NumPy says."""
    with np.errstate(over="ignore"):
        seen = np.float64(np.float32(x)) if narrow else np.float64(x)
    cut = cuts(np.array([threshold]), strict=strict, narrow=narrow)[0]
    assert (keys(np.array([x]))[0] <= cut) == (seen < threshold if strict else seen <= threshold)


@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_is_less_than_nan(narrow: bool) -> None:
    assert cuts(np.array([np.nan]), narrow=narrow)[0] == NOTHING
