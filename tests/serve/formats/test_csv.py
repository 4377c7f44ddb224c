"""CSV: fields by the columns' types, and what pandas makes of the same text."""

import io
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError, MalformedError
from alpenglow._serve.formats.csv import decode
from alpenglow._serve.signature import Column
from tests.serve.formats.tables import columns

COLUMNS = [
    Column("size", "number", nullable=True, example=1.0),
    Column("job", "string", nullable=True, example="a"),
    Column("new", "boolean", nullable=True, example=True),
]


def read(text: str, header: bool | None = True) -> dict[str, list[Any]]:
    """The columns of a text."""
    return {name: list(values) for name, values in columns(decode(text.encode(), COLUMNS, header)).items()}


def test_fields_become_values_of_their_column_s_type() -> None:
    assert read("job,size,new\ncook,1.5,true\n5, 1e3 ,FALSE\n") == {
        "size": [1.5, 1000.0],
        "job": ["cook", "5"],
        "new": [True, False],
    }


def test_without_a_header_the_fields_are_in_the_signature_s_order() -> None:
    assert read("1,cook,1\n2,smith,0\n", header=False) == {
        "size": [1.0, 2.0],
        "job": ["cook", "smith"],
        "new": [True, False],
    }


@pytest.mark.parametrize("first", ["1,cook,1", ",,", "NaN,size of it,FALSE", " 1e3 ,,"])
def test_a_first_line_that_is_a_row_is_no_header_where_nothing_is_said(first: str) -> None:
    text = f"{first}\n2,smith,0\n"
    assert read(text, header=None) == read(text, header=False)
    named = f"new,job,size\n{first}\n"
    assert read(named, header=None) == read(named, header=True)


@pytest.mark.parametrize("first", ["1,job,0", "size,cook", "2,job,yes"])
def test_a_first_line_with_a_column_s_name_is_the_header(first: str) -> None:
    assert read(f"{first}\n{first}\n", header=None) == read(f"{first}\n{first}\n", header=True)


@pytest.mark.parametrize("first", ["Size,Job,New", "1,cook", "1,cook,1,", "1,cook,yes", "a,cook,1"])
def test_a_first_line_that_is_neither_is_refused(first: str) -> None:
    with pytest.raises(InputError, match="the first line has no column's name, nor is it a row of 3 values"):
        read(f"{first}\n{first}\n", header=None)


def test_where_all_columns_are_text_the_first_line_has_to_be_the_header() -> None:
    jobs = [Column("job", "string", nullable=True, example="a")]
    with pytest.raises(InputError, match="the first line has no column's name"):
        list(decode(b"cook\nsmith\n", jobs, header=None))


@pytest.mark.parametrize("text", ["", "NA", "NaN", "nan", "null", "None", "N/A", "#N/A"])
def test_what_pandas_takes_for_a_missing_value(text: str) -> None:
    assert read(f"size,job,new\n{text},{text},{text}\n") == {"size": [None], "job": [None], "new": [None]}
    assert pd.read_csv(io.StringIO(f"size,job\n{text},{text}\n")).isna().all(axis=None)


def test_a_known_category_is_no_missing_value_whatever_it_is_called() -> None:
    country = Column("country", "string", nullable=True, example="DE", categories=["DE", "NA"])
    assert columns(decode(b"country\nNA\nnull\n", [country], header=True)) == {"country": ["NA", None]}


@pytest.mark.parametrize(
    "text", ["abc", "1_000", "0x10", "1;5", "--1", "True", "NAN", " nan", "\u0662\u0665", "\xa025"]
)
def test_what_is_no_number_stays_text_and_is_refused_later(text: str) -> None:
    assert read(f"size,job,new\n{text},a,true\n")["size"] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "size,job,new\r\n1,a,true\r\n",
        "size,job,new\r1,a,true",
        "\ufeffsize,job,new\n1,a,true\n",
        '"size","job","new"\n"1","a","true"\n',
        "\nsize,job,new\n\n1,a,true\n\n",
        "other,size,job,new\nx,1,a,true\n",
    ],
)
def test_ways_to_write_the_same(text: str) -> None:
    assert read(text) == {"size": [1.0], "job": ["a"], "new": [True]}


# pandas writes a carriage return without quotes, which ends a line for every reader.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=6).filter(
    lambda text: text.strip() == text
)
frames = st.lists(
    st.tuples(st.floats(allow_nan=False, allow_infinity=False), texts, st.booleans()), min_size=1, max_size=5
)


@given(frames)
def test_what_pandas_writes_comes_back(rows: list[tuple[float, str, bool]]) -> None:
    frame = pd.DataFrame(rows, columns=["size", "job", "new"])
    found = read(frame.to_csv(index=False))
    assert found["size"] == frame["size"].tolist()
    assert found["new"] == frame["new"].tolist()
    known = Column("job", "string", nullable=True, example="a", categories=frame["job"].tolist())
    exact = columns(decode(frame.to_csv(index=False).encode(), [known], header=True))
    assert exact["job"] == frame["job"].tolist()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "there are no rows to predict"),
        ("size,job,new\n", "there are no rows to predict"),
        ("size,size\n1,2\n", "column 'size' is given more than once"),
        ("size,job,new\n1,a,true\n2,b\n", "row 1 has 2 values, expected 3: one for each of the header's names"),
        ("size,job,new\n1,a,true,x\n", "row 0 has 4 values, expected 3"),
    ],
)
def test_what_is_no_table_is_named(text: str, detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        read(text)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'size\n"1', "the CSV cannot be read: unexpected end of data"),
        (b"size\n\xff", "the body is not UTF-8"),
    ],
)
def test_what_is_no_csv_is_malformed(body: bytes, detail: str) -> None:
    with pytest.raises(MalformedError, match=detail):
        list(decode(body, COLUMNS, header=True))
