"""Rows alone, in the order of the signature's columns: `[[25, ...], ...]`."""

from collections.abc import Sequence
from typing import Any

from alpenglow._serve.table import Table, below, check_widths


def table(rows: Sequence[Sequence[Any]], names: Sequence[str], at: str, first: int = 0) -> Table:
    """A part of the table, from what lies at a pointer.

    Raises:
        RowsError: One is not as long as the columns.
        InputError: There is no row.
    """
    check_widths(rows, len(names), at, "the model's columns", first)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return Table(columns, len(rows), lambda row, name: below(at, row, names.index(name)), None, first)
