"""The JSON of pandas' `to_json(orient="split")` to a table: `{"columns": [...], "data": [[...], ...]}`."""

from collections import Counter
from typing import Any, NamedTuple

import msgspec

from serve.errors import MOST_SHOWN, Fault, InputError, MalformedError

EXPECTED = 'expected {"columns": ["...", ...], "data": [[...], ...]}'


class Table(NamedTuple):
    """Rows as a client sent them: `rows[i][j]` belongs to `columns[j]`, and no row is longer or shorter than that."""

    columns: list[str]
    rows: list[list[Any]]


class Split(msgspec.Struct):
    """The payload; `index` and any other member is ignored."""

    columns: list[str]
    data: list[list[Any]]


def decode(body: bytes) -> Table:
    """Read a request's body.

    Raises:
        MalformedError: It is not JSON.
        InputError: It is JSON of another shape.
    """
    try:
        split = msgspec.json.decode(body, type=Split)
    except msgspec.ValidationError as error:
        raise InputError([shape_fault(str(error))]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(malformed(body, error)) from error
    check_shape(split)
    return Table(split.columns, split.data)


def check_shape(split: Split) -> None:
    """Every row as long as the columns, every column once, at least one row.

    Raises:
        InputError: Names each row or column that is wrong.
    """
    width = len(split.columns)
    if len(set(split.columns)) < width:
        twice = [name for name, count in Counter(split.columns).items() if count > 1]
        raise InputError([Fault(f"column {name!r} is given more than once", "#/columns", name) for name in twice])
    if not split.data:
        raise InputError([Fault("there are no rows to predict: expected at least one in data", "#/data")])
    if set(map(len, split.data)) != {width}:
        wrong = [i for i, row in enumerate(split.data) if len(row) != width]
        raise InputError([row_fault(i, len(split.data[i]), width) for i in wrong[:MOST_SHOWN]], len(wrong))


def row_fault(row: int, values: int, expected: int) -> Fault:
    """A row that is too short or too long."""
    detail = f"row {row} has {values} values, expected {expected}: one for each of columns"
    return Fault(detail, f"#/data/{row}", row=row)


def shape_fault(message: str) -> Fault:
    """Read what msgspec says: "Expected `array`, got `int` - at `$.data[3]`"."""
    what, _, path = message.partition(" - at `$")
    pointer = "#" + path.removesuffix("`").replace("[", "/").replace("]", "").replace(".", "/")
    return Fault(f"{what[:1].lower()}{what[1:]}: {EXPECTED}", pointer)


def malformed(body: bytes, error: Exception) -> str:
    """What is wrong with the text, with a hint for what clients get wrong most."""
    if not body:
        return f"the body is empty: {EXPECTED}"
    if isinstance(error, RecursionError):
        return f"the body is nested too deeply: {EXPECTED}"
    if isinstance(error, UnicodeDecodeError):
        return f"the body is not UTF-8: {error.reason} at byte {error.start}"
    if str(error) == "Input data was truncated":
        return "the JSON ends before it is complete"
    hint = ""
    if b"NaN" in body or b"Infinity" in body:
        hint = ". NaN and Infinity are not JSON: send null for a missing value"
    return f"{error}{hint}"
