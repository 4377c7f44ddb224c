"""The JSON that pandas writes, and everything that resembles it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError, MalformedError
from alpenglow._serve.formats import json as json_format
from alpenglow._serve.formats import split
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.table import Table
from tests.serve.formats.tables import typed, whole

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def decode(body: bytes) -> Table:
    """As a protocol does."""
    content = json_format.decode(body, SYNTAX, split.EXPECTED)
    return whole(split.parts(content, typed("z"), split.EXPECTED, "#"))


@given(st.data())
def test_any_table_comes_through_unchanged(data: st.DataObject) -> None:
    columns = data.draw(st.lists(st.text(), min_size=1, max_size=5, unique=True))
    rows = data.draw(st.lists(st.lists(scalars, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=5))
    table = decode(json.dumps({"columns": columns, "index": [0], "data": rows}).encode("utf-8", "surrogatepass"))
    assert (list(table.columns), [list(row) for row in zip(*table.columns.values(), strict=True)]) == (columns, rows)
    assert table.rows == len(rows)
    assert table.place(0, columns[-1]) == f"#/data/0/{len(columns) - 1}"


@given(st.binary() | st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_is_sent_is_a_table_or_refused(body: object) -> None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        table = decode(text)
    except (MalformedError, InputError):
        return
    assert {len(values) for values in table.columns.values()} <= {table.rows}


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ("[]", "#", "expected `object`, got `array`: expected {"),
        ('{"columns": ["a"]}', "#", "object missing required field `data`"),
        ('{"columns": "a", "data": []}', "#/columns", "expected `array`, got `str`"),
        ('{"columns": ["a", null], "data": [[1, 2]]}', "#/columns/1", "expected `int | str`, got `null`"),
        ('{"columns": ["a"], "data": [[1], 2]}', "#/data/1", "expected `array`, got `int`"),
        ('{"columns": ["a"], "data": [[1], {"a": 2}]}', "#/data/1", "expected `array`, got `object`"),
        ('{"columns": ["a"], "data": [[1e400]]}', "#/data/0/0", "number out of range"),
        ('{"columns": ["a"], "data": []}', "#/data", "there are no rows to predict"),
        ('{"columns": [], "data": []}', "#/data", "there are no rows to predict"),
        ('{"columns": ["a", "b", "a"], "data": [[1, 2, 3]]}', "#/columns", "column 'a' is given more than once"),
        ('{"columns": ["a", "b"], "data": [[1, 2], [3]]}', "#/data/1", "row 1 has 1 values, expected 2"),
    ],
)
def test_another_shape_is_named_and_pointed_at(body: str, pointer: str, detail: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(body.encode())
    assert caught.value.faults[0].pointer == pointer
    assert detail in caught.value.faults[0].detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is empty"),
        (b'{"columns": ["a"], "data": [[1]', "the JSON ends before it is complete"),
        (b'{"columns": ["a"], "data": [[-Infinity]]}', "Infinity is no JSON, and no number that a model takes"),
        (b'{"columns": ["a"], "data": [[NaN, -Infinity]]}', "Infinity is no JSON"),
        (b'{"columns": ["a"], "data": [[NaN', "the JSON ends before it is complete"),
        (b"{'columns': []}", "JSON is malformed"),
        (b"columns=a&data=1", "JSON is malformed"),
        (b'{"columns": ["\xff"], "data": [[1]]}', "the body is not UTF-8"),
        (b'{"columns": ["\\ud800"], "data": [[1]]}', "has half of a surrogate pair"),
        (b'{"columns": ["a"], "data": [[' + b"[" * 100_000 + b"]" * 100_000 + b"]]}", "nested too deeply"),
    ],
)
def test_what_is_no_json_is_malformed(body: bytes, detail: str) -> None:
    with pytest.raises(MalformedError, match=detail.replace("(", r"\(")):
        decode(body)


def test_only_the_first_faults_are_listed_and_all_are_counted() -> None:
    with pytest.raises(InputError, match="50 faults, the first: row 0 has 2 values") as caught:
        decode(json.dumps({"columns": ["a"], "data": [[1, 2]] * 50}).encode())
    assert (len(caught.value.faults), caught.value.more) == (20, 30)


def test_nan_is_a_missing_value_and_text_stays_as_it_is() -> None:
    table = decode(b'{"columns": ["a", "NaN"], "data": [[NaN, "NaN"], [1, "a \\"NaN, \\\\"], [NaN, "\\\\NaN"]]}')
    assert table.columns == {"a": [None, 1, None], "NaN": ["NaN", 'a "NaN, \\', "\\NaN"]}


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode(b'\xef\xbb\xbf{"columns": ["a"], "data": [[1], [NaN]]}').columns == {"a": [1, None]}


def test_a_column_s_name_may_be_a_number_as_in_pandas() -> None:
    assert decode(b'{"columns": ["a", 5], "data": [[1, 2]]}').columns == {"a": [1], "5": [2]}
