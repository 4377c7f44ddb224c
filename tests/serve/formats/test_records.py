"""Rows as objects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError
from alpenglow._serve.formats.records import table

values = st.none() | st.integers() | st.text()


@given(
    st.lists(st.text(), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, values)), min_size=1, max_size=4)
    )
)
def test_every_value_is_found_by_its_name(records: list[dict[str, Any]]) -> None:
    found = table(records, list(records[0]))
    assert found.rows == len(records)
    assert [{name: found.columns[name][row] for name in found.columns} for row in range(found.rows)] == records


def test_members_come_in_any_order_with_others_beside_them() -> None:
    assert table([{"a": 1, "b": 2, "x": 0}, {"b": 4, "a": 3, "y": 0}], ["b", "a"]).columns == {"a": [1, 3], "b": [2, 4]}


def test_a_row_that_lacks_a_name_is_told_how_to_say_that_a_value_is_missing() -> None:
    with pytest.raises(InputError) as caught:
        table([{"a": 1, "b": 2}, {"a": 3, "B": 4}, {}], ["a", "b"], "#/dataframe_records")
    assert [(fault.detail, fault.pointer, fault.row) for fault in caught.value.faults] == [
        ("row 1 has no 'b': send null for a missing value", "#/dataframe_records/1", 1),
        ("row 2 has no 'a': send null for a missing value", "#/dataframe_records/2", 2),
        ("row 2 has no 'b': send null for a missing value", "#/dataframe_records/2", 2),
    ]


def test_no_rows() -> None:
    with pytest.raises(InputError, match="there are no rows to predict"):
        table([], ["a"])


def test_a_pointer_escapes_what_rfc_6901_says() -> None:
    assert table([{"a/b~c": 1}], ["a/b~c"], "#/x").place(0, "a/b~c") == "#/x/0/a~1b~0c"
