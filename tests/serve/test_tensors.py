"""JSON values to the graph's inputs, and what is said of those that do not fit."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.errors import InputError
from serve.signature import MISSING, Column
from serve.split import Table
from serve.tensors import Tensors, objection

COLUMNS = [
    Column("age", "number", nullable=True, example=1.0),
    Column("size", "number", nullable=False, example=1.0, lowest=0.0, highest=1000.0),
    Column("job", "string", nullable=True, example="a"),
    Column("sex", "string", nullable=False, example="f", categories=["f", "m"], closed=True),
    Column("new", "boolean", nullable=True, example=True),
]
NAMES = [column.name for column in COLUMNS]
GOOD = [30, 1.5, "cook", "f", True]


def encode(*rows: list[Any], columns: list[str] = NAMES) -> dict[str, Any]:
    """The inputs for rows, each flattened to a list."""
    return {name: tensor.ravel().tolist() for name, tensor in Tensors(COLUMNS).encode(Table(columns, [*rows])).items()}


def faults(*rows: list[Any], columns: list[str] = NAMES) -> list[str]:
    """What is wrong with rows."""
    with pytest.raises(InputError) as caught:
        encode(*rows, columns=columns)
    return [fault.detail for fault in caught.value.faults]


def test_inputs_have_a_row_for_each_and_one_column() -> None:
    inputs = Tensors(COLUMNS).encode(Table(NAMES, [GOOD] * 3))
    assert {tensor.shape for tensor in inputs.values()} == {(3, 1)}
    assert {name: tensor.dtype for name, tensor in inputs.items()} == {
        "age": np.float64,
        "size": np.float64,
        "job": np.dtype(object),
        "sex": np.dtype(object),
        "new": np.float64,
    }


def test_columns_come_in_any_order_and_others_are_ignored() -> None:
    row = dict(zip(NAMES, GOOD, strict=True)) | {"other": [{}]}
    names = sorted(row, reverse=True)
    assert encode([row[name] for name in names], columns=names) == encode(GOOD)


def test_missing_values_become_nan_and_the_mark() -> None:
    inputs = encode([None, 1, None, "f", None], GOOD)
    assert math.isnan(inputs["age"][0])
    assert math.isnan(inputs["new"][0])
    assert inputs["job"] == [MISSING, "cook"]


def test_all_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="missing columns: 'size', 'sex', 'new'") as caught:
        encode([1, "cook"], columns=["age", "job"])
    assert [fault.column for fault in caught.value.faults] == ["size", "sex", "new"]


@pytest.mark.parametrize(
    ("column", "value", "detail"),
    [
        ("age", "abc", "row 1, column 'age': expected a number, got \"abc\""),
        ("age", "12", "row 1, column 'age': expected a number, got \"12\""),
        ("age", True, "row 1, column 'age': expected a number, got true"),
        ("age", [1], "row 1, column 'age': expected a number, got [1]"),
        ("age", {}, "row 1, column 'age': expected a number, got {}"),
        ("age", 10**400, "row 1, column 'age': expected a number from -1.79769e+308 to 1.79769e+308, got 1000"),
        ("size", 1001, "row 1, column 'size': expected a number from 0 to 1000, got 1001"),
        ("size", -0.5, "row 1, column 'size': expected a number from 0 to 1000, got -0.5"),
        ("size", None, "row 1, column 'size': expected a number, as the model takes no missing value here, got null"),
        ("job", 5, "row 1, column 'job': expected a string, got 5"),
        ("job", False, "row 1, column 'job': expected a string, got false"),
        ("sex", None, "row 1, column 'sex': expected a string, as the model takes no missing value here, got null"),
        ("job", MISSING, "row 1, column 'job': expected null for a missing value, got"),
        ("sex", MISSING, "row 1, column 'sex': expected null for a missing value, got"),
        ("sex", "x", 'row 1, column \'sex\': expected one of "f", "m", got "x"'),
        ("new", 1, "row 1, column 'new': expected true or false, got 1"),
        ("new", "true", "row 1, column 'new': expected true or false, got \"true\""),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_row_and_column(column: str, value: Any, detail: str) -> None:
    bad = [value if name == column else good for name, good in zip(NAMES, GOOD, strict=True)]
    found = faults(GOOD, bad)
    assert len(found) == 1
    assert found[0].startswith(detail)


def test_all_faults_are_found_at_once() -> None:
    assert len(faults(["a", "b", 1, 2, 3], ["c", 1, "cook", "f", None])) == 6


def test_a_long_value_is_cut() -> None:
    assert len(faults(["x" * 10_000, *GOOD[1:]])[0]) < 120


cells = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=2)
)


@given(st.lists(st.tuples(cells, cells, cells, cells | st.sampled_from("fm"), cells), min_size=1, max_size=4))
def test_the_quick_check_refuses_exactly_what_the_slow_one_objects_to(rows: list[tuple[Any, ...]]) -> None:
    objections = [objection(value, column) for row in rows for value, column in zip(row, COLUMNS, strict=True)]
    if any(objections):
        assert len(faults(*map(list, rows))) == min(20, sum(map(bool, objections)))
    else:
        assert set(encode(*map(list, rows))) == set(NAMES)


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_are_rounded_as_python_does(values: list[float]) -> None:
    expected = [float(value) for value in values]
    rows = [[value, *GOOD[1:]] for value in values]
    assert encode(*rows)["age"] == expected


def test_a_table_full_of_faults_costs_no_more_than_its_first_ones() -> None:
    with pytest.raises(InputError) as caught:
        encode(*[["x", "y", 1, 2, 3]] * 10_000)
    assert (len(caught.value.faults), caught.value.more) == (20, 49_980)
