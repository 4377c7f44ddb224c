"""Lists of rows or of records."""

import pytest

from serve.errors import InputError
from serve.formats.instances import Instances, table


def test_rows_and_records_are_the_same_table() -> None:
    by_name = table([{"b": 2, "a": 1}, {"a": 3, "b": 4}], ["a", "b"], "#/instances")
    in_order = table([[1, 2], [3, 4]], ["a", "b"], "#/instances")
    assert {name: list(values) for name, values in by_name.columns.items()} == {"a": [1, 3], "b": [2, 4]}
    assert {name: list(values) for name, values in in_order.columns.items()} == {"a": [1, 3], "b": [2, 4]}
    assert by_name.place(1, "b") == "#/instances/1/b"
    assert in_order.place(1, "b") == "#/instances/1/1"


@pytest.mark.parametrize(
    ("instances", "detail", "pointer"),
    [
        ([], "there are no rows to predict", "#/instances"),
        ([{"a": 1}, [1]], "row 1: expected an object, as the first row is one", "#/instances/1"),
        ([[1], [2], {"a": 1}], "row 2: expected an array, as the first row is one", "#/instances/2"),
    ],
)
def test_what_is_neither_is_named(instances: Instances, detail: str, pointer: str) -> None:
    with pytest.raises(InputError, match=detail) as caught:
        table(instances, ["a"], "#/instances")
    assert caught.value.faults[0].pointer == pointer
