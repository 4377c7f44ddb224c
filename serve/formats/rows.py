"""Rows alone, in the order of the signature's columns: `[[25, ...], ...]`."""

from collections.abc import Sequence
from typing import Any

from serve.table import Table, below, check_widths


def table(rows: Sequence[Sequence[Any]], names: Sequence[str], at: str) -> Table:
    """The table, from what lies at a pointer.

    Raises:
        InputError: There is no row, or one is not as long as the columns.
    """
    check_widths(rows, len(names), at, "the model's columns")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return Table(columns, len(rows), lambda row, name: below(at, row, names.index(name)))
