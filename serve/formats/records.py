"""Pandas' `to_json(orient="records")`: `[{"age": 25, ...}, ...]`."""

from collections.abc import Sequence
from typing import Any

from serve.errors import MOST_SHOWN, Fault, InputError
from serve.table import Table, below, no_rows

EXPECTED = '[{"...": ..., ...}, ...]'


def table(records: Sequence[dict[str, Any]], names: Sequence[str], at: str = "#") -> Table:
    """The table of the model's columns, from what lies at a pointer; what else is there is ignored.

    pandas would fill what a later row lacks with a missing value. A client that leaves a name out has more often
    misspelt it, so that is refused: null says it.

    Raises:
        InputError: There is no row, or one lacks a column that the first has.
    """
    if not records:
        raise no_rows(at)
    given = [name for name in names if name in records[0]]
    try:
        columns = {name: [record[name] for record in records] for name in given}
    except KeyError:
        raise lacking(records, given, at) from None
    return Table(columns, len(records), lambda row, name: below(at, row, name), below(at, 0))


def lacking(records: Sequence[dict[str, Any]], names: Sequence[str], at: str) -> InputError:
    """Each name that a row lacks."""
    places = [(row, name) for row, record in enumerate(records) for name in names if name not in record]
    faults = [
        Fault(f"row {row} has no {name!r}: send null for a missing value", below(at, row), name, row)
        for row, name in places[:MOST_SHOWN]
    ]
    return InputError(faults, len(places))
