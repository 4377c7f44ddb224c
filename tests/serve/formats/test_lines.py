"""JSON Lines: each line a row, whatever its neighbours are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError, MalformedError
from alpenglow._serve.formats import lines
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.signature import Column
from tests.serve.formats.tables import columns

COLUMNS = [Column("size", "number", nullable=True, example=1.0), Column("job", "string", nullable=True, example="a")]
TYPED = Typed(COLUMNS)


def read(text: str | bytes) -> dict[str, list[Any]]:
    """The columns of a text."""
    body = text.encode() if isinstance(text, str) else text
    return {name: list(values) for name, values in columns(lines.parts(body, TYPED)).items()}


ROWS = st.lists(
    st.tuples(st.none() | st.floats(allow_infinity=False, allow_nan=False), st.none() | st.text()), min_size=1
)


@given(
    rows=ROWS, records=st.booleans(), plain=st.booleans(), end=st.sampled_from(["", "\n", "\r\n"]), many=st.booleans()
)
def test_what_is_written_is_read(rows, records, plain, end, many) -> None:
    rows = rows * 500 if many else rows
    values = [dict(zip(("size", "job"), row, strict=True)) if records else row for row in rows]
    text = ("\r\n" if end == "\r\n" else "\n").join(json.dumps(value, ensure_ascii=plain) for value in values)
    assert read(text + end) == {"size": [row[0] for row in rows], "job": [row[1] for row in rows]}


def test_nan_and_a_byte_order_mark_are_taken_as_elsewhere() -> None:
    assert read(b'\xef\xbb\xbf[NaN, "NaN"]\n[1, null]') == {"size": [None, 1.0], "job": ["NaN", None]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 0 is empty: expected"),
        ("\n", "line 0 is empty: expected"),
        ('[1, "a"]\n\n[2, "b"]\n', "line 1 is empty: expected"),
        ('[1, "a"]\n[2, "b"', "line 1: the JSON ends before it is complete"),
        ('[1, "a"\n, 2, "b"]', "line 0: the JSON ends before it is complete"),
        ('[1, "a"], [2, "b"]', "line 0: "),
        ('[1, "\xff"]'.encode("latin-1"), "line 0: the body is not UTF-8"),
    ],
)
def test_a_line_that_is_no_json_by_itself(text, message) -> None:
    with pytest.raises(MalformedError, match=f"^{message}"):
        read(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[1, "a"]\n[2]', "row 1 has 1 values, expected 2"),
        ('[1, "a"]\n{"size": 1, "job": "a"}', "row 1: expected an array, as the first row is one"),
        ('{"size": 1, "job": "a"}\n{"size": 1}', "row 1 has no 'job'"),
        ("5", "expected"),
        ('"a"', "expected"),
    ],
)
def test_a_line_that_is_no_row(text, message) -> None:
    with pytest.raises(InputError, match=message):
        read(text)
