"""A list of rows, or of records: what several protocols call instances."""

from collections.abc import Callable, Sequence
from typing import Any

from serve.errors import Fault, InputError
from serve.formats import records, rows
from serve.table import Table

Instances = list[dict[str, Any] | list[Any]]


def table(instances: Instances, names: Sequence[str], at: str) -> Table:
    """The table, from what lies at a pointer; all elements are of the first one's kind.

    Raises:
        InputError: One is not, or they are no table.
    """
    kind = type(instances[0]) if instances else dict
    other = next((row for row, value in enumerate(instances) if type(value) is not kind), None)
    if other is not None:
        wanted = "an object" if kind is dict else "an array"
        fault = Fault(f"row {other}: expected {wanted}, as the first row is one", f"{at}/{other}", row=other)
        raise InputError([fault])
    make: Callable[..., Table] = records.table if kind is dict else rows.table
    return make(instances, names, at)
