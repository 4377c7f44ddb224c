"""Pandas' `to_json(orient="split")`: `{"columns": [...], "data": [[...], ...]}`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.formats import json, pieces
from alpenglow._serve.formats.typed import NAMES, Typed
from alpenglow._serve.table import Parts, Table, check_names, check_widths

EXPECTED = '{"columns": ["...", ...], "data": [[...], ...]}'
DATA = msgspec.json.Decoder(list[list[Any]])


class Split(msgspec.Struct):
    """The columns and their rows, not yet read; `index` and any other member is ignored."""

    columns: Raw
    data: Raw


SPLIT = msgspec.json.Decoder(Split)


def parts(content: bytes | Raw, typed: Typed, expected: str, at: str) -> Parts:
    """The table.

    Args:
        content: JSON.
        typed: Decoders for the model.
        expected: The body's shape, in words for a message.
        at: The pointer to it.

    Raises:
        InputError: A member or a column is there twice, or there is no row.
    """
    found = json.envelope(content, SPLIT, expected, at, typed.most)
    layout = typed.split(found.columns)
    names = layout.names if layout else read_names(found.columns, typed.most, expected, f"{at}/columns")
    return pieces.parts(found.data, layout, partial(read, names, expected, at), typed.most)


def read_names(columns: Raw, most: int, expected: str, at: str) -> list[str]:
    """The columns' names.

    Raises:
        InputError: They are no names, too many, or one is there twice.
    """
    if bytes(columns).count(b",") >= most:
        raise InputError([Fault(f"there are more than {most} columns", at)])
    names = [str(name) for name in json.piece(columns, NAMES, expected, at)]
    check_names(names, at)
    return names


def read(names: Sequence[str], expected: str, at: str, piece: bytes | Raw, first: int) -> Table:
    """A part of the rows, whatever their values are."""
    return table(names, json.piece(piece, DATA, expected, f"{at}/data", first), at, first)


def table(names: Sequence[str], rows: list[list[Any]], at: str = "#", first: int = 0) -> Table:
    """A part of the table, from what lies at a pointer.

    Raises:
        RowsError: Rows are not as long as the columns.
        InputError: There is no row.
    """
    check_widths(rows, len(names), f"{at}/data", "columns", first)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    place = partial(pointer, names, at)
    return Table(columns, len(rows), place, f"{at}/columns", first)


def pointer(names: Sequence[str], at: str, row: int, name: str) -> str:
    """To a value."""
    return f"{at}/data/{row}/{names.index(name)}"
