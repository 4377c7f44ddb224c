"""Columns of all kinds, and tables that are read in tiny pieces."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from alpenglow._serve.formats import chunks, columns, columnwise, pieces, tensors
from alpenglow._serve.signature import Column


def odd_columns(*, nullable_boolean: bool) -> list[Column]:
    """Numbers with limits and without, texts that are open, known and closed, a boolean, and an odd name."""
    return [
        Column("age", "number", nullable=True, example=1.0),
        Column("city", "string", nullable=True, example="Oslo", categories=["Oslo", "Rome"]),
        Column("strong", "boolean", nullable=nullable_boolean, example=True),
        Column("wéight/~", "number", nullable=False, example=1.0, lowest=-10.0, highest=1e9),
        Column("size", "string", nullable=False, example="S", categories=["S", "M"], closed=True),
    ]


@contextmanager
def small_pieces(size: int, rows: int) -> Iterator[None]:
    """Read a table in pieces of so many bytes or rows, also where it is small as a whole."""
    with (
        patch.object(pieces, "SIZE", 0),
        patch.object(pieces, "chunks", partial(chunks.chunks, size=size)),
        patch.object(columns, "SIZE", size),
        patch.object(columns, "LEAST", size),
        patch.object(tensors, "SIZE", size),
        patch.object(tensors, "LEAST", size),
        patch.object(tensors, "STEP", rows),
        patch.object(columnwise, "ROWS", rows),
    ):
        yield
