"""A list of rows, or of records: what several protocols call instances."""

from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.formats import json, pieces, records, rows
from alpenglow._serve.formats.chunks import opening
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.table import Parts, Table, check_kind

Instances = list[dict[str, Any] | list[Any]]
INSTANCES: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Instances)


def parts(array: Raw, typed: Typed, expected: str, at: str) -> Parts:
    """The table; all elements are of the first one's kind.

    Args:
        array: JSON.
        typed: Decoders for the model.
        expected: The body's shape, in words for a message.
        at: The pointer to the array.

    Raises:
        InputError: An element is of another kind, or they are no table.
    """
    if opening(array) != b"[":
        return records.parts(array, typed, expected, at, INSTANCES)
    names = list(typed.types)

    def read(piece: bytes | Raw, first: int) -> Table:
        found = json.piece(piece, INSTANCES, expected, at, first)
        check_kind(found, list, at, first)
        return rows.table(found, names, at, first)

    return pieces.parts(array, typed.own, read, typed.most)
