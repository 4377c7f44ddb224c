"""What fits is what the service takes, whatever it comes in; what does not is refused in the same words."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._score.batches import array
from alpenglow._score.rows import ROWS, Scored, Scoring
from alpenglow._serve.errors import ColumnsError
from alpenglow._serve.local import plain
from alpenglow._serve.model import load
from alpenglow._serve.signature import MISSING

FINE = {"alcohol": 13.0, "proline": 700.0, "colour": "red", "size": "small", "strong": True}
JSON = [
    *[None, 1, 1.5, -0.0, 0, True, False, 2**53 + 1, 2**63, 2**64, 10**400, 1e39, -1e39, 1e308],
    *["", "red", "pink", "small", "large", "huge", "25", "True", MISSING, "x" * 70, "\0"],
]
ODD = [
    *JSON,
    *[float("nan"), float("inf"), -float("inf"), b"red", pd.NA, pd.NaT, [1.0], {"a": 1}, object()],
    *[np.float32(1.1), np.int8(3), np.bool_(True), np.str_("red"), np.float64("nan")],
]


def tables(values: list[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows that fit, some of whose values are others."""
    cells = st.sampled_from(values)
    return st.lists(st.fixed_dictionaries({name: st.just(value) | cells for name, value in FINE.items()}), max_size=9)


@pytest.fixture(scope="module")
def scoring(model) -> Scoring:
    return Scoring(load(model))


def alike(one: Scored, other: Scored) -> None:
    assert one.fits.tolist() == other.fits.tolist()
    for name, values in one.answers.items():
        assert values.tolist() == other.answers[name].tolist()
        assert (values.dtype, values.shape) == (other.answers[name].dtype, other.answers[name].shape)
    assert list(map(str, one.faults)) == list(map(str, other.faults))


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in FINE}


@given(tables(JSON))
def test_a_row_fits_if_the_service_takes_it_and_is_answered_or_refused_in_the_same_words(scoring, post, rows) -> None:
    scored = scoring.score(columns(rows), range(len(rows)))
    faults, place = list(scored.faults), 0
    for number, (row, fits) in enumerate(zip(rows, scored.fits.tolist(), strict=True)):
        answer = post(json.dumps([row]).encode())
        assert ("predictions" in answer) == fits
        if fits:
            assert [scored.answers["prediction"][place]] == answer["predictions"]
            assert [scored.answers["probabilities"][place].tolist()] == answer["probabilities"]
            place += 1
        else:
            assert str(faults.pop(0)) == answer["detail"].replace("row 0,", f"row {number},")
    assert (faults, place) == ([], len(scored.answers["prediction"]))


@given(tables(ODD))
def test_columns_of_pandas_are_judged_as_lists_are(scoring, rows) -> None:
    for dtype in (None, object):  # with None, pandas may make 1.0 of 1, where another is missing
        series = {name: pd.Series(values, dtype=dtype) for name, values in columns(rows).items()}
        expected = scoring.score({name: plain(values.to_list()) for name, values in series.items()}, range(len(rows)))
        alike(scoring.score({name: array(values) for name, values in series.items()}, range(len(rows))), expected)


NUMBERS = [None, 0, 1, -3, 100]


@pytest.mark.parametrize(
    "kind",
    [
        *[lambda v, t=t: pa.array(v, t) for t in (pa.int8(), pa.int64(), pa.float32(), pa.float64(), pa.decimal128(5))],
        lambda v: pa.array(v, pa.int64()).dictionary_encode(),
        *[lambda v, t=t: pd.Series(v, dtype=t) for t in ("Int16", "Float64", "float32", "int64[pyarrow]", "category")],
        *[lambda v, t=t: pl.Series(v, dtype=t) for t in (pl.Int8, pl.Float32, pl.Decimal(5))],
        lambda v: np.array(v, dtype=np.float16),
    ],
)
def test_numbers_of_every_type(scoring, kind) -> None:
    count = len(NUMBERS)
    fine = columns([FINE] * count)
    expected = scoring.score(fine | {"alcohol": NUMBERS, "proline": NUMBERS}, range(count))
    given_ = fine | {"alcohol": array(kind(NUMBERS)), "proline": array(kind(NUMBERS))}
    alike(scoring.score({name: array(values) for name, values in given_.items()}, range(count)), expected)


TEXTS = [None, "red", "small", "large", "", "pink", MISSING, *map(str, range(200))]


@pytest.mark.parametrize(
    "kind",
    [
        *[lambda v, t=t: pa.array(v, t) for t in (pa.string(), pa.large_string(), pa.string_view())],
        lambda v: pa.array(v).dictionary_encode(),
        lambda v: pa.chunked_array([v[:3], v[3:], []], pa.string()),
        *[lambda v, t=t: pd.Series(v, dtype=t) for t in ("str", "string", "category", object, "string[pyarrow]")],
        *[lambda v, t=t: pl.Series(v, dtype=t) for t in (pl.String, pl.Categorical)],
        lambda v: np.array(v, dtype=object),
    ],
)
def test_texts_of_every_type(scoring, kind) -> None:
    count = len(TEXTS)
    fine = columns([FINE] * count)
    expected = scoring.score(fine | {"colour": TEXTS, "size": TEXTS}, range(count))
    assert expected.fits.sum() == 2
    alike(scoring.score(fine | {"colour": array(kind(TEXTS)), "size": array(kind(TEXTS))}, range(count)), expected)


@pytest.mark.parametrize("kind", [pd.Series, pl.Series, pa.array, lambda v: pd.Series(v, dtype="boolean")])
def test_booleans_of_every_type(scoring, kind) -> None:
    values = [True, None, False]
    fine = columns([FINE] * 3)
    expected = scoring.score(fine | {"strong": values}, range(3))
    assert expected.fits.tolist() == [True, False, True]
    alike(scoring.score(fine | {"strong": array(kind(values))}, range(3)), expected)


@pytest.mark.parametrize("length", [0, 1, ROWS - 1, ROWS, ROWS + 1])
def test_tables_of_any_length(scoring, wines, length) -> None:
    rows = pd.concat([wines] * (length // len(wines) + 1)).iloc[:length]
    kept = {name: array(rows[name]) for name in rows}
    scored = scoring.score(kept, range(length))
    assert scored.fits.shape == (length,)
    assert scored.answers["prediction"].shape == (length,)
    assert scored.answers["probabilities"].shape == (length, 3)
    assert scored.answers["prediction"].tolist() == (
        scoring.score({name: plain(rows[name]) for name in rows}, range(length)).answers["prediction"].tolist()
    )


def test_a_column_that_is_missing_is_said_to_be(scoring) -> None:
    with pytest.raises(ColumnsError, match="missing columns: 'proline', 'size'"):
        scoring.score({"alcohol": [1.0], "colour": ["red"], "strong": [True]}, range(1))


def test_an_answer_that_the_model_does_not_give_is_said_to_be_none(model) -> None:
    with pytest.raises(ValueError, match="wine has no decision: it answers prediction, probabilities"):
        Scoring(load(model), ["decision"])
