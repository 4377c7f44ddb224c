"""A table of JSON values to the graph's inputs, each value checked against its column's type."""

from collections.abc import Iterable, Sequence
from itertools import chain
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve.errors import MOST_SHOWN, Fault, InputError, shown
from serve.signature import MISSING, Column
from serve.split import Table

EXPECTED = {"number": "a number", "string": "a string", "boolean": "true or false"}
TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, float}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
}


class Numbers:
    """The columns of numbers, or those of booleans, with what each of them takes."""

    def __init__(self, columns: list[Column]) -> None:
        self.names = [column.name for column in columns]
        self.types = TYPES[columns[0].type] | {NoneType}
        self.nullable = np.array([column.nullable for column in columns])
        lowest = [-np.inf if column.lowest is None else column.lowest for column in columns]
        highest = [np.inf if column.highest is None else column.highest for column in columns]
        self.lowest, self.highest = (np.array(limits)[:, np.newaxis] for limits in (lowest, highest))
        magnitude = max(0.0, min(*highest, *(-limit for limit in lowest)))  # that all columns take, of either sign
        self.least_square = magnitude * magnitude


class Tensors:
    """Makes inputs for one signature.

    Columns of a kind become one array, of which each input is a row: one call of NumPy for a kind instead of one for
    each column. Values are looked at one by one only once it is known that something is wrong.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.strings = [column for column in columns if column.type == "string"]
        self.names = [column.name for column in self.strings]
        self.known = {column.name: {*(column.categories or ()), None} for column in columns if column.closed}
        kinds = [[column for column in columns if column.type == kind] for kind in ("number", "boolean")]
        self.numbers = [Numbers(kind) for kind in kinds if kind]

    def encode(self, table: Table) -> dict[str, NDArray[Any]]:
        """The graph's inputs `[N, 1]`, by name: float64 for numbers and booleans, objects (str) for strings.

        Raises:
            InputError: Columns are missing, or values are not what their columns take.
        """
        values = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
        missing = [column.name for column in self.columns if column.name not in values]
        if missing:
            summary = f"missing columns: {', '.join(map(repr, missing))}"
            faults = [Fault(f"column {name!r} is missing", "#/columns", name) for name in missing]
            raise InputError(faults, summary=summary)
        inputs: dict[str, NDArray[Any]] = {}
        for numbers in self.numbers:
            inputs.update(self.encode_numbers(numbers, values, table))
        if self.strings:
            inputs.update(self.encode_strings(values, table))
        return inputs

    def encode_numbers(
        self, numbers: Numbers, values: dict[str, tuple[Any, ...]], table: Table
    ) -> Iterable[tuple[str, NDArray[Any]]]:
        """NaN stands for a missing value."""
        cells = [values[name] for name in numbers.names]
        types = set(map(type, chain.from_iterable(cells)))
        if not types <= numbers.types:
            raise self.refusal(table)
        try:
            block = np.array(cells, dtype=np.float64)
        except OverflowError:  # an integer past 1.8e308
            raise self.refusal(table) from None
        if NoneType in types:
            gaps = np.isnan(block).any(axis=1)
            if (gaps & ~numbers.nullable).any():
                raise self.refusal(table)
        # The sum of the squares tells in one call that no number is huge, unless one is missing (NaN).
        if (
            not np.vdot(block, block) <= numbers.least_square
            and ((block > numbers.highest) | (block < numbers.lowest)).any()
        ):
            raise self.refusal(table)
        return zip(numbers.names, block.reshape(*block.shape, 1), strict=True)

    def encode_strings(self, values: dict[str, tuple[Any, ...]], table: Table) -> Iterable[tuple[str, NDArray[Any]]]:
        """`MISSING` stands for a missing value."""
        cells: list[Sequence[Any]] = [values[column.name] for column in self.strings]
        types = set(map(type, chain.from_iterable(cells)))
        if not types <= {str, NoneType}:
            raise self.refusal(table)
        for i, column in enumerate(self.strings):
            if MISSING in cells[i] or (column.closed and not self.known[column.name].issuperset(cells[i])):
                raise self.refusal(table)
            if NoneType in types and None in cells[i]:
                if not column.nullable:
                    raise self.refusal(table)
                cells[i] = [MISSING if cell is None else cell for cell in cells[i]]
        block = np.array(cells, dtype=object)
        return zip(self.names, block.reshape(*block.shape, 1), strict=True)

    def refusal(self, table: Table) -> InputError:
        """Go through the values one by one; the first that are wrong are described, all of them counted."""
        known = {column.name: column for column in self.columns}
        places = [(at, known[name]) for at, name in enumerate(table.columns) if name in known]
        faults = []
        total = 0
        for i, row in enumerate(table.rows):
            for at, column in places:
                expected = objection(row[at], column)
                if expected:
                    total += 1
                    if total <= MOST_SHOWN:
                        detail = f"row {i}, column {column.name!r}: expected {expected}, got {shown(row[at])}"
                        faults.append(Fault(detail, f"#/data/{i}/{at}", column.name, i))
        return InputError(faults, total)


def objection(value: Any, column: Column) -> str | None:
    """What the column expects instead of the value; None if the value is fine."""
    if value is None:
        return None if column.nullable else f"{EXPECTED[column.type]}, as the model takes no missing value here"
    if type(value) not in TYPES[column.type]:
        return EXPECTED[column.type]
    if value == MISSING:
        return "null for a missing value"
    if column.closed and value not in (column.categories or ()):
        some = ", ".join(map(shown, (column.categories or ())[:MOST_SHOWN]))
        return f"one of {some}{', ...' if len(column.categories or ()) > MOST_SHOWN else ''}"
    if column.type == "number":
        largest = float(np.finfo(np.float64).max)
        lowest = -largest if column.lowest is None else column.lowest
        highest = largest if column.highest is None else column.highest
        if not lowest <= value <= highest:
            return f"a number from {lowest:.6g} to {highest:.6g}"
    return None
