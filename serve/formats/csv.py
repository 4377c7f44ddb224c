"""CSV as RFC 4180 has it, and what pandas' `read_csv` makes of its fields."""

import csv
import io
import math
import sys
from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

from serve.errors import MalformedError
from serve.signature import Column
from serve.table import Table, check_names, check_widths, no_rows

# What pandas.read_csv takes for a missing value (its documentation, `na_values`).
MISSING = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
        *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
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


def decode(body: bytes, columns: Sequence[Column], header: bool) -> Table:
    """Read a request's body, its fields as the columns' types have them; what is of no such type stays text.

    Args:
        body: UTF-8, with a byte order mark or without. Empty lines are left out.
        columns: The signature's.
        header: Whether the first line has the names; without, the fields are in the order of the columns.

    Raises:
        MalformedError: It is not UTF-8, or a quoted field has no end.
        InputError: A column is there twice, there is no row, or rows are not as long as the header.
    """
    rows = read(body)
    if not rows:
        raise no_rows(None)
    names = rows.pop(0) if header else [column.name for column in columns]
    check_names(names, None)
    check_widths(rows, len(names), None, "the header's names" if header else "the model's columns")
    fields = dict(zip(names, zip(*rows, strict=True), strict=True))
    typed = {column.name: values(fields[column.name], column) for column in columns if column.name in fields}
    return Table(typed, len(rows), lambda row, name: None)


def read(body: bytes) -> list[list[str]]:
    """The lines that are not empty, each as its fields."""
    csv.field_size_limit(sys.maxsize)  # the body has a limit
    try:
        text = body.removeprefix(BOM_UTF8).decode()
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except UnicodeDecodeError as error:
        raise MalformedError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise MalformedError(f"the CSV cannot be read: {error}") from error


def values(fields: Sequence[str], column: Column) -> list[Any]:
    """A column's fields as values; a word for a missing value that is a known category is that category."""
    if column.type == "string":
        missing = MISSING.difference(column.categories or ())
        return [None if field in missing else field for field in fields]
    convert = number if column.type == "number" else boolean
    return [None if field in MISSING else convert(field) for field in fields]


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


def boolean(field: str) -> bool | str:
    """As pandas reads it; the text itself if it is neither."""
    return BOOLEANS.get(field, field)
