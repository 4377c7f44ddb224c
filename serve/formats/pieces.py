"""An array of rows to the parts of a table, piece by piece: with the columns' types where they fit, else without."""

from collections.abc import Callable, Iterable
from functools import partial

from msgspec import Raw

from alpenglow._serve.errors import RowsError
from alpenglow._serve.formats.chunks import SIZE, chunks
from alpenglow._serve.formats.json import ERRORS
from alpenglow._serve.table import Layout, Parts, Rows, Table

General = Callable[[bytes | Raw, int], Table]


def parts(array: bytes | Raw, layout: Layout | None, general: General, most: int) -> Parts:
    """The rows in order.

    Args:
        array: JSON.
        layout: That knows the columns' types; None if there is none for these columns.
        general: Reads a piece whose first row has that number whatever its values are, and knows what is wrong with
            it. Raises `RowsError` for what does not keep it from reading the next piece.
        most: Values in a row.
    """
    if len(memoryview(array)) <= SIZE:
        return (read(array, 0, layout, general),)
    return several(chunks(array, most=most), layout, general)


def several(arrays: Iterable[bytes | Raw], layout: Layout | None, general: General) -> Parts:
    """The parts of a large array that comes in pieces."""
    first = 0
    for piece in arrays:
        part = read(piece, first, layout, general)
        yield part
        first += part.rows


def read(piece: bytes | Raw, first: int, layout: Layout | None, general: General) -> Table | Rows | RowsError:
    """One part."""
    try:
        rows = layout.read(piece, first) if layout else None
    except ERRORS:
        rows = None
    if layout and rows:
        return Rows(layout, rows, partial(general, piece, first), first)
    try:
        return general(piece, first)
    except RowsError as error:
        return error
