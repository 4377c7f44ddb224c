"""Parts of a table put together, as the tests compare them."""

from collections.abc import Sequence
from typing import Any

from alpenglow._serve.errors import RowsError
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Parts, Rows, Table


def typed(*names: str) -> Typed:
    """Decoders for columns that take next to nothing of what the tests send, so that values are read as they are."""
    return Typed([Column(name, "boolean", nullable=False, example=True) for name in names])


def whole(parts: Parts) -> Table:
    """All parts as one table.

    Raises:
        RowsError: Rows are not as they should be.
    """
    found = [general(part) for part in parts]
    columns = {name: [value for part in found for value in part.columns[name]] for name in found[0].columns}
    return Table(columns, sum(part.rows for part in found), found[0].place, found[0].header)


def general(part: Table | Rows | RowsError) -> Table:
    """A part with its values as they were sent."""
    if isinstance(part, RowsError):
        raise part
    return part.table() if isinstance(part, Rows) else part


def columns(parts: Parts) -> dict[str, Sequence[Any]]:
    """The columns of all parts."""
    return dict(whole(parts).columns)
