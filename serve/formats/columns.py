"""Columns by name: `{"age": [25, ...], ...}`."""

from collections.abc import Mapping, Sequence
from typing import Any

from serve.errors import Fault, InputError, shown
from serve.table import Table, below, no_rows


def table(columns: Mapping[str, Any], names: Sequence[str], at: str) -> Table:
    """The table of the model's columns, from what lies at a pointer; what else is there is ignored.

    Raises:
        InputError: A column is no list, or not as long as the first, or there is no row.
    """
    found = {name: columns[name] for name in names if name in columns}
    for name, values in found.items():
        if type(values) is not list:
            detail = f"column {name!r}: expected an array of values, got {shown(values)}"
            raise InputError([Fault(detail, below(at, name), name)])
    rows = len(next(iter(found.values()), [None]))
    if not rows:
        raise no_rows(at)
    faults = [
        Fault(f"column {name!r} has {len(values)} values, the first column has {rows}", below(at, name), name)
        for name, values in found.items()
        if len(values) != rows
    ]
    if faults:
        raise InputError(faults)
    return Table(found, rows, lambda row, name: below(at, name, row), at)
