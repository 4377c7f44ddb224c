"""Lists of rows or of records."""

from typing import Any

import msgspec
import pytest

from alpenglow._serve.errors import InputError
from alpenglow._serve.formats import instances
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Table
from tests.serve.formats.tables import whole

COLUMNS = [Column(name, "number", nullable=True, example=1.0) for name in "ab"]


def table(rows: list[Any], columns: list[Column] = COLUMNS) -> Table:
    """What a protocol makes of them."""
    array = msgspec.Raw(msgspec.json.encode(rows))
    return whole(instances.parts(array, Typed(columns), "", "#/instances"))


def test_rows_and_records_are_the_same_table() -> None:
    by_name = table([{"b": 2, "a": 1}, {"a": 3, "b": 4}])
    in_order = table([[1, 2], [3, 4]])
    assert by_name.columns == in_order.columns == {"a": [1, 3], "b": [2, 4]}
    assert by_name.place(1, "b") == "#/instances/1/b"
    assert in_order.place(1, "b") == "#/instances/1/1"


@pytest.mark.parametrize(
    ("rows", "detail", "pointer"),
    [
        ([], "there are no rows to predict", "#/instances"),
        ([{"a": 1}, [1]], "row 1: expected an object, as the first row is one", "#/instances/1"),
        ([[1], [2], {"a": 1}], "row 2: expected an array, as the first row is one", "#/instances/2"),
    ],
)
def test_what_is_neither_is_named(rows: list[Any], detail: str, pointer: str) -> None:
    with pytest.raises(InputError, match=detail) as caught:
        table(rows, COLUMNS[:1])
    assert caught.value.faults[0].pointer == pointer
