"""JSON values to the graph's inputs, and what is said of those that do not fit."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError
from alpenglow._serve.inputs import Inputs, expected, fitting
from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS, Column
from alpenglow._serve.table import Table, nowhere

COLUMNS = [
    Column("age", "number", nullable=True, example=1.0),
    Column("size", "number", nullable=False, example=1.0, lowest=0.0, highest=1000.0),
    Column("job", "string", nullable=True, example="a"),
    Column("sex", "string", nullable=False, example="f", categories=["f", "m"], closed=True),
    Column("new", "boolean", nullable=True, example=True),
    Column("town", "string", nullable=True, example="Rome", categories=["Rome", "Bonn"]),
]
NAMES = [column.name for column in COLUMNS]
KINDS = {NUMBERS: ["age", "size", "new"], TEXTS: ["job", "sex", "town"]}
GOOD = [30, 1.5, "cook", "f", True, "Rome"]


def table(*rows: list[Any], columns: list[str] = NAMES) -> Table:
    """Rows as a table."""
    return Table(dict(zip(columns, zip(*rows, strict=True), strict=True)), len(rows), nowhere)


def encode(*rows: list[Any], columns: list[str] = NAMES, strict: bool = False) -> dict[str, Any]:
    """What the graph gets for rows, by column."""
    found = Inputs(COLUMNS).encode(table(*rows, columns=columns), strict)
    return {
        name: column
        for kind, names in KINDS.items()
        for name, column in zip(names, found.values[kind].T.tolist(), strict=True)
    }


def faults(*rows: list[Any], columns: list[str] = NAMES, strict: bool = False) -> list[str]:
    """What is wrong with rows."""
    with pytest.raises(InputError) as caught:
        encode(*rows, columns=columns, strict=strict)
    return [fault.detail for fault in caught.value.faults]


def test_each_kind_has_a_row_for_each_and_its_columns_in_the_signature_s_order() -> None:
    values = Inputs(COLUMNS).encode(table(GOOD, GOOD, GOOD)).values
    assert {kind: (found.shape, found.dtype) for kind, found in values.items()} == {
        NUMBERS: ((3, 3), np.float64),
        TEXTS: ((3, 3), np.dtype(object)),
    }
    assert all(found.flags.c_contiguous for found in values.values())


def test_columns_come_in_any_order_and_others_are_ignored() -> None:
    row = dict(zip(NAMES, GOOD, strict=True)) | {"other": [{}]}
    names = sorted(row, reverse=True)
    assert encode([row[name] for name in names], columns=names) == encode(GOOD)


def test_missing_values_become_nan_and_the_mark() -> None:
    inputs = encode([None, 1, None, "f", None, "Rome"], GOOD)
    assert math.isnan(inputs["age"][0])
    assert math.isnan(inputs["new"][0])
    assert inputs["job"] == [MISSING, "cook"]


def test_all_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="missing columns: 'size', 'sex', 'new', 'town'") as caught:
        encode([1, "cook"], columns=["age", "job"])
    assert [fault.column for fault in caught.value.faults] == ["size", "sex", "new", "town"]


@pytest.mark.parametrize(
    ("column", "value", "detail"),
    [
        ("age", "abc", "row 1, column 'age': expected a number, got \"abc\""),
        ("age", "12", "row 1, column 'age': expected a number, got \"12\""),
        ("age", True, "row 1, column 'age': expected a number, got true"),
        ("age", [1], "row 1, column 'age': expected a number, got [1]"),
        ("age", {}, "row 1, column 'age': expected a number, got {}"),
        ("age", math.inf, "row 1, column 'age': expected a number from -1.79769e+308 to 1.79769e+308, got inf"),
        ("age", 10**400, "row 1, column 'age': expected a number from -1.79769e+308 to 1.79769e+308, got 1000"),
        ("size", 1001, "row 1, column 'size': expected a number from 0 to 1000, got 1001"),
        ("size", -0.5, "row 1, column 'size': expected a number from 0 to 1000, got -0.5"),
        ("size", None, "row 1, column 'size': expected a number, as the model takes no missing value here, got null"),
        (
            "size",
            math.nan,
            "row 1, column 'size': expected a number, as the model takes no missing value here, got nan",
        ),
        ("job", 5, "row 1, column 'job': expected a string, got 5"),
        ("job", False, "row 1, column 'job': expected a string, got false"),
        ("sex", None, "row 1, column 'sex': expected a string, as the model takes no missing value here, got null"),
        ("job", MISSING, "row 1, column 'job': expected null for a missing value, got"),
        ("sex", MISSING, "row 1, column 'sex': expected null for a missing value, got"),
        ("sex", "x", 'row 1, column \'sex\': expected one of "f", "m", got "x"'),
        ("new", 1, "row 1, column 'new': expected true or false, got 1"),
        ("job", math.nan, "row 1, column 'job': expected a string, got nan"),
        ("new", "true", "row 1, column 'new': expected true or false, got \"true\""),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_row_and_column(column: str, value: Any, detail: str) -> None:
    bad = [value if name == column else good for name, good in zip(NAMES, GOOD, strict=True)]
    found = faults(GOOD, bad)
    assert len(found) == 1
    assert found[0].startswith(detail)


def test_all_faults_are_found_at_once() -> None:
    assert len(faults(["a", "b", 1, 2, 3, "Rome"], ["c", 1, "cook", "f", None, "Oslo"])) == 6


def test_a_long_value_is_cut() -> None:
    assert len(faults(["x" * 10_000, *GOOD[1:]])[0]) < 120


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=2)


@given(st.lists(st.tuples(cells, cells, cells, cells | st.sampled_from("fm"), cells, cells), min_size=1, max_size=4))
def test_the_quick_check_refuses_exactly_what_the_slow_one_objects_to(rows: list[tuple[Any, ...]]) -> None:
    objections = [not fitting(column)(value, False) for row in rows for value, column in zip(row, COLUMNS, strict=True)]
    if any(objections):
        assert len(faults(*map(list, rows))) == min(20, sum(objections))
    else:
        assert set(encode(*map(list, rows))) == set(NAMES)


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_rounded_as_python_does(values: list[float]) -> None:
    rows = [[value, *GOOD[1:]] for value in values]
    assert encode(*rows)["age"] == [float(value) for value in values]


def test_a_table_full_of_faults_costs_no_more_than_its_first_ones() -> None:
    with pytest.raises(InputError) as caught:
        encode(*[["x", "y", 1, 2, 3, ""]] * 10_000)
    assert (len(caught.value.faults), caught.value.more) == (20, 49_980)


def test_unknown_categories_are_counted_and_only_strictly_refused() -> None:
    unknown = [*GOOD[:-1], "Oslo"]
    found = Inputs(COLUMNS).encode(table(GOOD, unknown, unknown))
    assert found.unknown == {"town": 2}
    assert found.values[TEXTS][:, 2].tolist() == ["Rome", "Oslo", "Oslo"]
    assert faults(GOOD, unknown, strict=True) == ['row 1, column \'town\': expected one of "Rome", "Bonn", got "Oslo"']
    assert encode([*GOOD[:-1], None], strict=True)["town"] == [MISSING]


def test_missing_values_are_counted_by_column() -> None:
    found = Inputs(COLUMNS).encode(
        table(GOOD, [None, 1, None, "f", None, None], [math.nan, 1, "cook", "f", True, "Bonn"])
    )
    assert found.missing == {"age": 2, "job": 1, "new": 1, "town": 1}
    assert found.unknown == {}


def test_many_known_categories_are_listed_up_to_a_point() -> None:
    column = Column("city", "string", nullable=False, example="0", categories=[str(n) for n in range(60)], closed=True)
    assert not fitting(column)("x", False)
    words = expected("x", column, strict=False)
    assert words.startswith('one of "0", "1", ')
    assert words.endswith('"49" or one of 10 more')


WHOLE = Column("rooms", "number", nullable=True, example=3.0, lowest=-8.0, highest=8.0, whole=True)


@given(st.lists(st.none() | st.integers(-9, 9) | st.floats(-9, 9, width=16), min_size=1, max_size=9))
def test_a_whole_number_has_no_fraction_in_whatever_form_it_comes(values) -> None:
    fits = [value is None or (-8 <= value <= 8 and float(value).is_integer()) for value in values]
    cells = table(*([value] for value in values), columns=["rooms"])
    assert [fitting(WHOLE)(value, False) for value in values] == fits
    if all(fits):
        Inputs([WHOLE]).encode(cells)
        return
    with pytest.raises(InputError) as caught:
        Inputs([WHOLE]).encode(cells)
    row = fits.index(False)
    assert caught.value.faults[0].detail.startswith(
        f"row {row}, column 'rooms': expected a whole number from -8 to 8, got "
    )
