"""Columns one after the other, as a table that comes row by row."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.table import Place, Table, below

ROWS = 512  # that are read at once


def parts(columns: Mapping[str, Iterator[Any]], place: Place, header: str) -> Iterator[Table]:
    """The table.

    Args:
        columns: Each column's values, by its name.
        place: The pointer to a value.
        header: The pointer to where a column that is missing should have been.

    Raises:
        InputError: A column is not as long as the first.
    """
    first = 0
    while True:
        taken = {name: list(islice(values, ROWS)) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in taken.items()}
        rows = next(iter(lengths.values()), 1)
        if set(lengths.values()) - {rows}:
            raise unequal({name: first + n + sum(1 for _ in columns[name]) for name, n in lengths.items()}, header)
        if rows or not first:
            yield Table(taken, rows, place, header, first)
        if rows < ROWS:
            return
        first += rows


def unequal(lengths: Mapping[str, int], header: str) -> InputError:
    """The columns that are not as long as the first one."""
    rows = next(iter(lengths.values()))
    return InputError(
        [
            Fault(f"column {name!r} has {n} values, the first column has {rows}", below(header, name), name)
            for name, n in lengths.items()
            if n != rows
        ]
    )
