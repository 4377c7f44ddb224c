"""A list of rows, or of records: what several protocols call instances."""

from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.formats import json, pieces, records, rows
from alpenglow._serve.formats.chunks import opening
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.table import Layout, Parts, Table, check_kind

Instances = list[dict[str, Any] | list[Any]]
INSTANCES: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Instances)


def parts(array: bytes | Raw, typed: Typed, expected: str, at: str) -> Parts:
    """The table; all elements are of the first one's kind.

    Args:
        array: JSON.
        typed: Decoders for the model.
        expected: The body's shape, in words for a message.
        at: The pointer to the array.

    Raises:
        InputError: An element is of another kind, or they are no table.
    """
    return pieces.parts(array, *reader(opening(array), typed, expected, at), typed.most)


def reader(first: bytes, typed: Typed, expected: str, at: str) -> tuple[Layout | None, pieces.General]:
    """What reads pieces of such an array, in order, whose first element begins with that byte."""
    if first != b"[":
        return records.reader(typed, expected, at, INSTANCES)
    names = list(typed.types)

    def read(piece: bytes | Raw, first: int) -> Table:
        found = json.piece(piece, INSTANCES, expected, at, first)
        check_kind(found, list, at, first)
        return rows.table(found, names, at, first)

    return typed.own, read
