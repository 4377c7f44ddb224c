"""CSV as RFC 4180 has it, and what pandas' `read_csv` makes of its fields."""

import csv
import io
import math
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from alpenglow._serve.errors import Fault, InputError, MalformedError, RowsError
from alpenglow._serve.formats import columnwise
from alpenglow._serve.formats.chunks import MOST_VALUES
from alpenglow._serve.formats.text import check_utf8
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Parts, Table, check_names, check_widths, no_rows, nowhere

LONGEST = 1 << 16  # line, in bytes, and field, in characters; some lines of up to twice as much pass

# What pandas.read_csv takes for a missing value (its documentation, `na_values`).
MISSING = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
        *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
NOT_A_TIME = {"datetime": "NaT", "duration": "NaT"}  # the same of those
WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
COMPACT = re.compile(r"\d{4}(?:\d\d(?:\d\d)?)?", re.ASCII)  # a year, or 202403, or 20240301
BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "1": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "0": False,
}


def decode(body: bytes, columns: Sequence[Column], header: bool | None) -> Parts:
    """Read a request's body, its fields as the columns' types have them; what is of no such type stays text.

    Args:
        body: UTF-8, with a byte order mark or without. Empty lines are left out.
        columns: The signature's.
        header: Whether the first line has the names; without, the fields are in the order of the columns. None: it
            has, unless it looks like a row, as SageMaker's serializer writes rows alone.

    Raises:
        MalformedError: It is not UTF-8, or a quoted field has no end.
        InputError: A column is there twice, there is no row, or a row has too many fields.
    """
    check_utf8(body)
    rows = read(body, max(MOST_VALUES, 2 * len(columns)))
    own = [column.name for column in columns]
    line = next(rows, None)
    if line is None:
        raise no_rows(None)
    if header is None:
        header = not is_row(line, columns)
        if header and set(own).isdisjoint(line):
            raise InputError([Fault(f"the first line has no column's name, nor is it a row of {len(own)} values")])
    names = line if header else own
    if not header:
        rows = chain([line], rows)
    check_names(names, None)
    of = "the header's names" if header else "the model's columns"
    first = 0
    while (found := some(rows)) or not first:
        yield part(found, names, columns, of, first)
        first += len(found)


def is_row(fields: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a first line is a row of the model's columns in their order, and not their names.

    It has as many fields, none of which is a column's name, and whatever must be read as a number or a boolean can be.
    Where there is no such column nothing tells the two apart, and it is taken for the names.
    """
    if len(fields) != len(columns) or not {column.name for column in columns}.isdisjoint(fields):
        return False
    told = [
        (field, column) for field, column in zip(fields, columns, strict=True) if column.type in ("number", "boolean")
    ]
    return bool(told) and all(not isinstance(values([field], column)[0], str) for field, column in told)


def some(rows: Iterator[list[str]]) -> list[list[str]]:
    """The next rows, as many as are read at once."""
    found, fields = [], 0
    for row in rows:
        found.append(row)
        fields += len(row)
        if len(found) == columnwise.ROWS or fields > MOST_VALUES:
            break
    return found


def part(
    rows: list[list[str]], names: Sequence[str], columns: Sequence[Column], of: str, first: int
) -> Table | RowsError:
    """Some of the rows."""
    try:
        check_widths(rows, len(names), None, of, first)
    except RowsError as error:
        return error
    fields = dict(zip(names, zip(*rows, strict=True), strict=True))
    typed = {column.name: values(fields[column.name], column) for column in columns if column.name in fields}
    return Table(typed, len(rows), nowhere, None, first)


def read(body: bytes, most: int) -> Iterator[list[str]]:
    """The lines that are not empty, each as its fields, and so many of them at the most.

    Raises:
        MalformedError: They are no CSV.
        InputError: A row has too many fields.
    """
    csv.field_size_limit(LONGEST)
    fields = [0]  # of the row that is being read
    try:
        for row in csv.reader(lines(body, fields, most), strict=True):
            if row:
                fields[0] = 0
                yield row
    except csv.Error as error:
        raise MalformedError(f"the CSV cannot be read: {error}") from error


def lines(body: bytes, fields: list[int], most: int) -> Iterator[str]:
    """The lines of a body, none of which is too long, or makes a row too long."""
    check_lengths(body)
    content = io.BytesIO(body)
    if body.startswith(BOM_UTF8):
        content.seek(len(BOM_UTF8))
    for line in io.TextIOWrapper(content, encoding="utf-8", newline=""):
        if "," in line:
            fields[0] += line.count(",")
            if fields[0] > most:
                raise InputError([Fault(f"a row has more than {most} values")])
        yield line


def check_lengths(body: bytes) -> None:
    """No line is too long: Python's csv keeps four bytes for each character, and twice as many as it needs.

    Raises:
        MalformedError: One is.
    """
    for at in range(0, len(body) - LONGEST + 1, LONGEST):
        if body.find(b"\n", at, at + LONGEST) < 0 and body.find(b"\r", at, at + LONGEST) < 0:
            raise MalformedError(f"the CSV has a line of more than {LONGEST} bytes: send JSON")


def values(fields: Sequence[str], column: Column) -> list[Any]:
    """A column's fields as values; a word for a missing value that is a known category is that category."""
    if column.type == "string":
        missing = MISSING.difference(column.categories or ())
        return [None if field in missing else field for field in fields]
    convert = CONVERT[column.type]
    return [None if field in MISSING or field == NOT_A_TIME.get(column.type) else convert(field) for field in fields]


def number(field: str) -> float | str:
    """The number nearest to the text; the text itself if it is none."""
    # Python's float takes more than pandas does: 1_000, digits of other scripts, nan in any case.
    if "_" in field or not field.isascii():
        return field
    try:
        found = float(field)
    except ValueError:
        return field
    return field if math.isnan(found) else found


def moment(field: str) -> int | str:
    """A whole number, unless it may be a date without hyphens; the text itself if it is none."""
    return field if COMPACT.fullmatch(field) else duration(field)


def duration(field: str) -> int | str:
    """A whole number; the text itself if it is none."""
    return int(field) if WHOLE.fullmatch(field) else field


def boolean(field: str) -> bool | str:
    """As pandas reads it; the text itself if it is neither."""
    return BOOLEANS.get(field, field)


CONVERT: dict[str, Callable[[str], Any]] = {
    "number": number,
    "boolean": boolean,
    "datetime": moment,
    "duration": duration,
}
