"""A table to the graph's inputs, each value checked against its column's type."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serve.errors import MOST_SHOWN, Fault, InputError, shown
from serve.signature import MISSING, Column
from serve.table import Table

LARGEST = float(np.finfo(np.float64).max)
MOST_CATEGORIES = 50  # of a column that are listed in a message
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
        lowest = [-LARGEST if column.lowest is None else column.lowest for column in columns]
        highest = [LARGEST if column.highest is None else column.highest for column in columns]
        self.lowest, self.highest = (np.array(limits)[:, np.newaxis] for limits in (lowest, highest))
        magnitude = max(0.0, min(*highest, *(-limit for limit in lowest)))  # that all columns take, of either sign
        self.least_square = magnitude * magnitude


class Encoded(NamedTuple):
    """The graph's inputs `[N, 1]`, by name: float64 for numbers and booleans, objects (str) for strings.

    `missing` and `unknown` count the values of a column that are missing or are none of its known categories, for those
    columns that have any.
    """

    inputs: dict[str, NDArray[Any]]
    missing: dict[str, int]
    unknown: dict[str, int]


class Inputs:
    """Makes inputs for one signature.

    Columns of a kind become one array, of which each input is a row: one call of NumPy for a kind instead of one for
    each column. Values are looked at one by one only once it is known that something is wrong.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.strings = [column for column in columns if column.type == "string"]
        self.names = [column.name for column in self.strings]
        self.known = [frozenset((*column.categories, None)) if column.categories else None for column in self.strings]
        kinds = [[column for column in columns if column.type == kind] for kind in ("number", "boolean")]
        self.numbers = [Numbers(kind) for kind in kinds if kind]

    def encode(self, table: Table, strict: bool = False) -> Encoded:
        """Check a table, and make inputs of it.

        Args:
            table: Its columns in any order; those that are not in the signature are ignored.
            strict: Whether unknown categories are refused where scikit-learn would ignore them.

        Raises:
            InputError: Columns are missing, or values are not what their columns take.
        """
        absent = [column.name for column in self.columns if column.name not in table.columns]
        if absent:
            summary = f"missing columns: {', '.join(map(repr, absent))}"
            faults = [Fault(f"column {name!r} is missing", table.header, name) for name in absent[:MOST_SHOWN]]
            raise InputError(faults, len(absent), summary)
        encoded = Encoded({}, {}, {})
        for numbers in self.numbers:
            encoded.inputs.update(self.encode_numbers(numbers, table, encoded.missing))
        if self.strings:
            encoded.inputs.update(self.encode_strings(table, strict, encoded))
        return encoded

    def encode_numbers(
        self, numbers: Numbers, table: Table, missing: dict[str, int]
    ) -> Iterable[tuple[str, NDArray[Any]]]:
        """NaN stands for a missing value."""
        cells = [table.columns[name] for name in numbers.names]
        if not set(map(type, chain.from_iterable(cells))) <= numbers.types:
            raise self.refusal(table)
        try:
            block = np.array(cells, dtype=np.float64)
        except OverflowError:  # an integer past 1.8e308
            raise self.refusal(table) from None
        # The sum of the squares tells in one call that no number is huge and none is missing (NaN).
        if not np.vdot(block, block) < numbers.least_square:
            gaps = np.isnan(block).sum(axis=1)
            if (gaps[~numbers.nullable]).any() or ((block > numbers.highest) | (block < numbers.lowest)).any():
                raise self.refusal(table)
            missing.update({name: int(count) for name, count in zip(numbers.names, gaps, strict=True) if count})
        return zip(numbers.names, block.reshape(*block.shape, 1), strict=True)

    def encode_strings(self, table: Table, strict: bool, encoded: Encoded) -> Iterable[tuple[str, NDArray[Any]]]:
        """`MISSING` stands for a missing value."""
        cells: list[Sequence[Any]] = [table.columns[name] for name in self.names]
        types = set(map(type, chain.from_iterable(cells)))
        if not types <= {str, NoneType}:
            raise self.refusal(table, strict)
        for i, (column, known) in enumerate(zip(self.strings, self.known, strict=True)):
            if MISSING in cells[i]:
                raise self.refusal(table, strict)
            if known and not known.issuperset(cells[i]):
                if strict or column.closed:
                    raise self.refusal(table, strict)
                encoded.unknown[column.name] = sum(cell not in known for cell in cells[i])
            if NoneType in types and None in cells[i]:
                if not column.nullable:
                    raise self.refusal(table, strict)
                encoded.missing[column.name] = cells[i].count(None)
                cells[i] = [MISSING if cell is None else cell for cell in cells[i]]
        block = np.array(cells, dtype=object)
        return zip(self.names, block.reshape(*block.shape, 1), strict=True)

    def refusal(self, table: Table, strict: bool = False) -> InputError:
        """Go through the values one by one; the first that are wrong are described, all of them counted."""
        found = [(column, table.columns[column.name]) for column in self.columns]
        faults = []
        total = 0
        for row in range(table.rows):
            for column, cells in found:
                expected = objection(cells[row], column, strict)
                if expected:
                    total += 1
                    if total <= MOST_SHOWN:
                        detail = f"row {row}, column {column.name!r}: expected {expected}, got {shown(cells[row])}"
                        faults.append(Fault(detail, table.place(row, column.name), column.name, row))
        return InputError(faults, total)


def objection(value: Any, column: Column, strict: bool = False) -> str | None:
    """What the column expects instead of the value; None if the value is fine."""
    if value is None or (column.type == "number" and type(value) is float and math.isnan(value)):
        return None if column.nullable else f"{EXPECTED[column.type]}, as the model takes no missing value here"
    if type(value) not in TYPES[column.type]:
        return EXPECTED[column.type]
    if value == MISSING:
        return "null for a missing value"
    if column.type == "string":
        return None if value in (column.categories or (value,)) else one_of(column, strict)
    if column.type == "number":
        lowest = -LARGEST if column.lowest is None else column.lowest
        highest = LARGEST if column.highest is None else column.highest
        if not lowest <= value <= highest:
            return f"a number from {lowest:.6g} to {highest:.6g}"
    return None


def one_of(column: Column, strict: bool) -> str | None:
    """The known categories, where no other may be given."""
    if not (strict or column.closed):
        return None
    categories = column.categories or ()
    more = f" or one of {len(categories) - MOST_CATEGORIES} more" if len(categories) > MOST_CATEGORIES else ""
    return f"one of {', '.join(map(shown, categories[:MOST_CATEGORIES]))}{more}"
