"""Rows and answers in a model's file: what goes in comes out, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS
from alpenglow._serve.witnesses import Witnesses, decode, encode

COUNTS = st.shared(st.integers(1, 30), key="rows")
NUMBER = st.floats() | st.sampled_from([np.nan, np.inf, -np.inf, -0.0, 5e-324, 2.0**53 + 2, 0.0, 1.0])
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.just(MISSING)
LABELS = {
    "strings": (st.text(st.characters(exclude_categories=["Cs"])), object),
    "integers": (st.integers(-(2**63), 2**63 - 1), np.int64),
    "numbers": (st.floats(allow_nan=False), np.float64),
    "booleans": (st.booleans(), np.bool_),
}


def table(cells: st.SearchStrategy, dtype: object, widths: st.SearchStrategy) -> st.SearchStrategy:
    """`[N, K]`."""
    return COUNTS.flatmap(lambda n: widths.flatmap(lambda k: arrays.arrays(dtype, (n, k), elements=cells, fill=cells)))


def column(cells: st.SearchStrategy, dtype: object) -> st.SearchStrategy:
    """`[N]`."""
    return COUNTS.flatmap(lambda n: st.lists(cells, min_size=n, max_size=n)).map(lambda found: np.array(found, dtype))


WIDTHS = st.integers(1, 5)
VALUES = st.fixed_dictionaries(
    {}, optional={NUMBERS: table(NUMBER, np.float64, WIDTHS), TEXTS: table(TEXT, object, WIDTHS)}
)
SCORES = st.fixed_dictionaries(
    {},
    optional={
        "probabilities": table(NUMBER, np.float64, WIDTHS),
        "decision": column(NUMBER, np.float64),
        "prediction": column(NUMBER, np.float64) | table(NUMBER, np.float64, WIDTHS),
    },
)
KINDS = COUNTS.flatmap(lambda n: st.lists(st.sampled_from(["the sample", "a gap"]), min_size=n, max_size=n))


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether shapes, types and bits are."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return one.tolist() == other.tolist() if one.dtype == object else one.tobytes() == other.tobytes()


@pytest.mark.parametrize("type_", LABELS)
@given(st.data())
def test_what_goes_in_comes_out(type_: str, data: st.DataObject) -> None:
    cells, dtype = LABELS[type_]
    answers = {"label": data.draw(column(cells, dtype))} | data.draw(SCORES)
    made = Witnesses(data.draw(KINDS), data.draw(VALUES), answers, data.draw(st.floats(allow_nan=False)))
    text = encode(made)
    found = decode(text)
    assert (found.kinds, found.scale) == (made.kinds, made.scale)
    for before, after in ((made.values, found.values), (made.answers, found.answers)):
        assert set(before) == set(after)
        assert all(same(np.ascontiguousarray(before[name]), np.ascontiguousarray(after[name])) for name in before)
    assert encode(found) == text


@given(st.text() | st.binary().map(lambda content: content.hex()))
def test_what_is_something_else_is_said_to_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(text)
