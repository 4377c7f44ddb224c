"""Rows without names, and columns with theirs."""

from typing import Any

import msgspec
import pytest

from alpenglow._serve.errors import InputError
from alpenglow._serve.formats import columns, rows
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Table
from tests.serve.formats.tables import whole


def test_rows_are_in_the_order_of_the_signature() -> None:
    found = rows.table([[1, "a"], [2, "b"]], ["x", "y"], "#/instances")
    assert found.columns == {"x": (1, 2), "y": ("a", "b")}
    assert found.place(1, "y") == "#/instances/1/1"


@pytest.mark.parametrize(("given", "detail"), [([], "no rows"), ([[1, 2], [3]], "row 1 has 1 values, expected 2")])
def test_rows_that_are_not_as_wide_as_the_model(given: list[list[int]], detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        rows.table(given, ["x", "y"], "#/instances")


def by_name(given: dict[str, Any], names: str) -> Table:
    """What a protocol makes of columns."""
    typed = Typed([Column(name, "number", nullable=True, example=1.0) for name in names])
    return whole(columns.parts(msgspec.Raw(msgspec.json.encode(given)), typed, "", "#/inputs"))


def test_columns_by_name() -> None:
    found = by_name({"x": [1, 2], "y": ["a", "b"], "other": "z"}, "yx")
    assert (found.columns, found.rows) == ({"x": [1, 2], "y": ["a", "b"]}, 2)
    assert found.place(1, "y") == "#/inputs/y/1"


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        ({"x": []}, "no rows"),
        ({"x": [1], "y": []}, "column 'y' has 0 values, the first column has 1"),
        ({"x": [1] * 2000, "y": [1] * 3000}, "column 'y' has 3000 values, the first column has 2000"),
        ({"x": [1] * 3000, "y": [1] * 2000}, "column 'y' has 2000 values, the first column has 3000"),
        ({"x": 1}, "column 'x': expected an array of values, got 1"),
    ],
)
def test_columns_of_different_lengths(given: dict[str, Any], detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        by_name(given, "xy")
