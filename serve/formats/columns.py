"""Columns by name: `{"age": [25, ...], ...}`."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.errors import Fault, InputError, shown
from alpenglow._serve.formats import columnwise, json
from alpenglow._serve.formats.chunks import SIZE, chunks, opening
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.table import Parts, below, no_rows

VALUES = msgspec.json.Decoder(list[Any])
LEAST = 1 << 12  # bytes of a column that are read at once, at the least


def parts(content: Raw, typed: Typed, expected: str, at: str) -> Parts:
    """The table of the model's columns; what else is there is ignored.

    Args:
        content: JSON, an object.
        typed: Decoders for the model.
        expected: The body's shape, in words for a message.
        at: The pointer to the object.

    Raises:
        InputError: A column is no list, or not as long as the first, one is there twice, or there is no row.
    """
    given = json.members(content, at, typed.most)
    found = {name: given[name] for name in typed.types if name in given}
    for name, column in found.items():
        if bytes(memoryview(column)[:1]) != b"[":
            detail = f"column {name!r}: expected an array of values, got {shown(column)}"
            raise InputError([Fault(detail, below(at, name), name)])
    if found and all(opening(column) == b"]" for column in found.values()):
        raise no_rows(at)
    size = max(LEAST, SIZE // max(1, len(found)))
    columns = {name: values(column, expected, below(at, name) or "", size) for name, column in found.items()}
    return columnwise.parts(columns, lambda row, name: below(at, name, row), at)


def values(array: Raw, expected: str, at: str, size: int) -> Iterator[Any]:
    """A column's values."""
    return (value for piece in chunks(array, size) for value in json.piece(piece, VALUES, expected, at))
