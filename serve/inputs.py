"""A table to the graph's inputs, each value checked against its column's type."""

import math
from collections.abc import Callable, Sequence
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.errors import MOST_SHOWN, ColumnsError, Fault, UnfitError, ValuesError, shown
from alpenglow._serve.signature import MISSING, NAT, NUMBERS, TEXTS, TIMES, Column
from alpenglow._serve.table import Row, Rows, Table
from alpenglow._serve.times import Taken, is_missing

LARGEST = float(np.finfo(np.float64).max)
MOST_CATEGORIES = 50  # of a column that are listed in a message
EXPECTED = {
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "datetime": "a date or time",
    "duration": "a duration",
}
TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, float}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "datetime": frozenset({str, int, float}),
    "duration": frozenset({str, int, float}),
}


def limits(column: Column) -> tuple[float, float]:
    """The least and the greatest number that a column takes."""
    return (
        -LARGEST if column.lowest is None else column.lowest,
        LARGEST if column.highest is None else column.highest,
    )


class Encoded(NamedTuple):
    """What a table is to the graph.

    `values` has the columns of each kind, `[N, K]`, as `serve.model.Model.predict` takes them. `missing` and `unknown`
    count the values of a column that are missing or are none of its known categories, for those that have any.
    """

    values: dict[str, NDArray[Any]]
    missing: dict[str, int]
    unknown: dict[str, int]


class Numbers:
    """Encodes the columns of numbers and booleans."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.names = [column.name for column in columns]
        self.nullable = np.array([column.nullable for column in columns])
        lowest, highest = [limits(column)[0] for column in columns], [limits(column)[1] for column in columns]
        self.lowest, self.highest = np.array(lowest), np.array(highest)
        self.whole = [at for at, column in enumerate(columns) if column.whole]
        # That all columns take, of either sign.
        magnitude = max(0.0, min(*highest, *(-limit for limit in lowest))) if columns else 0.0
        self.least_square = magnitude * magnitude

    def encode(self, rows: Sequence[Row], encoded: Encoded) -> NDArray[np.float64]:
        """`[N, K]`; NaN stands for a missing value.

        Raises:
            UnfitError: A number is missing, too large or no whole one where that may not be.
        """
        try:
            block = np.array(rows, dtype=np.float64)
        except OverflowError:  # an integer past 1.8e308
            raise UnfitError from None
        # The sum of the squares tells in one call that no number is huge and none is missing (NaN).
        if not np.vdot(block, block) < self.least_square:
            gaps = np.isnan(block).sum(axis=0)
            if (gaps[~self.nullable]).any() or ((block > self.highest) | (block < self.lowest)).any():
                raise UnfitError
            encoded.missing.update({name: int(count) for name, count in zip(self.names, gaps, strict=True) if count})
        if self.whole and (block[:, self.whole] % 1 > 0).any():
            raise UnfitError
        return block


class Texts:
    """Encodes the columns of strings."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.names = [column.name for column in columns]
        self.known = [frozenset(column.categories) if column.categories else None for column in columns]

    def encode(self, rows: Sequence[Row], strict: bool, encoded: Encoded) -> NDArray[np.object_]:
        """`[N, S]`; `MISSING` stands for a missing value.

        Raises:
            UnfitError: A text is missing or unknown where that may not be.
        """
        gaps = False
        for column, known, cells in zip(self.columns, self.known, zip(*rows, strict=True), strict=True):
            strange = set(cells) if known is None else set(cells) - known
            if not strange:
                continue
            if None in strange:
                gaps = True
                encoded.missing[column.name] = cells.count(None)
            strange.discard(None)
            if MISSING in strange or (known and strange and (strict or column.closed)):
                raise UnfitError
            if column.name in encoded.missing and not column.nullable:
                raise UnfitError
            if known and strange:
                encoded.unknown[column.name] = sum(cell in strange for cell in cells)
        block = np.array(rows, dtype=object)
        if gaps:
            block[block == None] = MISSING  # noqa: E711 - element by element
        return block


class Times:
    """Encodes the columns of moments and durations."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.names = [column.name for column in columns]
        self.taken = [Taken(column) for column in columns]

    def encode(self, rows: Sequence[Row], encoded: Encoded) -> NDArray[np.int64]:
        """`[N, T]`; `NAT` stands for a missing value.

        Raises:
            UnfitError: A value is missing or is none that its column takes.
        """
        block = np.empty((len(rows), len(self.columns)), np.int64)
        for place, cells in enumerate(zip(*rows, strict=True)):
            counts = self.taken[place].counts(cells)
            if counts is None:
                raise UnfitError
            block[:, place] = counts
            gaps = int((counts == NAT).sum())
            if gaps:
                if not self.columns[place].nullable:
                    raise UnfitError
                encoded.missing[self.names[place]] = gaps
        return block


class Inputs:
    """Makes inputs for one signature.

    Columns of a kind become one array: one call of NumPy for a kind instead of one for each column. Values are looked
    at one by one only once it is known that something is wrong.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.names = {column.name for column in columns}
        self.types = [
            (types | {NoneType}, [column.name for column in columns if column.type == kind])
            for kind, types in TYPES.items()
        ]
        self.numbers = Numbers([column for column in columns if column.kind == NUMBERS])
        self.texts = Texts([column for column in columns if column.kind == TEXTS])
        self.times = Times([column for column in columns if column.kind == TIMES])
        self.fits = [fitting(column) for column in columns]

    def encode(self, table: Table | Rows, strict: bool = False) -> Encoded:
        """Check a table, and make inputs of it.

        Args:
            table: Its columns in any order; those that are not in the signature are ignored.
            strict: Whether unknown categories are refused where scikit-learn would ignore them.

        Raises:
            ValuesError: Values are not what their columns take.
            ColumnsError: Columns are missing.
        """
        if isinstance(table, Rows):
            numbers, texts = (list(map(pick, table.values)) for pick in (table.layout.numbers, table.layout.texts))
            times = list(map(table.layout.times, table.values)) if self.times.names else []
        else:
            self.check_types(table, strict)
            numbers, texts, times = (
                list(zip(*(table.columns[name] for name in kind.names), strict=True))
                for kind in (self.numbers, self.texts, self.times)
            )
        encoded = Encoded({}, {}, {})
        try:
            if self.numbers.names:
                encoded.values[NUMBERS] = self.numbers.encode(numbers, encoded)
            if self.texts.names:
                encoded.values[TEXTS] = self.texts.encode(texts, strict, encoded)
            if self.times.names:
                encoded.values[TIMES] = self.times.encode(times, encoded)
        except UnfitError:
            raise self.refusal(table.table() if isinstance(table, Rows) else table, strict) from None
        return encoded

    def check_types(self, table: Table, strict: bool) -> None:
        """All columns are there, and their values are of their types.

        Raises:
            ValuesError: Some are not.
            ColumnsError: Columns are missing.
        """
        if not self.names <= table.columns.keys():
            raise self.absence(table)
        for types, names in self.types:
            if not set(map(type, chain.from_iterable(table.columns[name] for name in names))) <= types:
                raise self.refusal(table, strict)

    def absence(self, table: Table) -> ColumnsError:
        """The columns that are not there."""
        absent = [column.name for column in self.columns if column.name not in table.columns]
        summary = f"missing columns: {', '.join(map(repr, absent))}"
        faults = [Fault(f"column {name!r} is missing", table.header, name) for name in absent[:MOST_SHOWN]]
        return ColumnsError(faults, len(absent), summary, table.rows)

    def refusal(self, table: Table, strict: bool = False) -> ValuesError:
        """Go through the values one by one; the first that are wrong are described, all of them counted."""
        total = 0
        places: list[tuple[int, int]] = []
        for at, column in enumerate(self.columns):
            cells = table.columns[column.name]
            wrong = [row for row, cell in enumerate(cells) if not self.fits[at](cell, strict)]
            total += len(wrong)
            places.extend((row, at) for row in wrong[:MOST_SHOWN])
        faults = []
        for row, at in sorted(places)[:MOST_SHOWN]:
            column = self.columns[at]
            value = table.columns[column.name][row]
            detail = f"row {table.first + row}, column {column.name!r}: expected {expected(value, column, strict)}"
            place = table.place(table.first + row, column.name)
            faults.append(Fault(f"{detail}, got {shown(value)}", place, column.name, table.first + row))
        return ValuesError(faults, total, rows=table.rows)


Fits = Callable[[Any, bool], bool]


def fitting(column: Column) -> Fits:
    """What tells whether a column takes a value, with its unknown categories or (strict) without."""
    types, nullable = TYPES[column.type], column.nullable
    lowest, highest = limits(column)
    categories, closed = frozenset(column.categories or ()), column.closed

    def number(value: Any, strict: bool) -> bool:
        if type(value) not in types:
            return value is None and nullable
        if lowest <= value <= highest:
            return not column.whole or value % 1 == 0
        return nullable and type(value) is float and math.isnan(value)

    def text(value: Any, strict: bool) -> bool:
        if type(value) is not str:
            return value is None and nullable
        return value != MISSING and not (categories and (strict or closed) and value not in categories)

    def boolean(value: Any, strict: bool) -> bool:
        return type(value) is bool or (value is None and nullable)

    def time(value: Any, strict: bool) -> bool:
        return nullable if is_missing(value) else taken.count(value) is not None

    if column.kind == TIMES:
        taken = Taken(column)
        return time
    return {"number": number, "string": text, "boolean": boolean}[column.type]


def expected(value: Any, column: Column, strict: bool) -> str:
    """What a column expects instead of a value that it does not take."""
    if value is None or (column.type not in ("string", "boolean") and type(value) is float and math.isnan(value)):
        return f"{EXPECTED[column.type]}, as the model takes no missing value here"
    if column.kind == TIMES:
        return Taken(column).expected()
    if type(value) not in TYPES[column.type]:
        return "a whole number" if column.whole else EXPECTED[column.type]
    if value == MISSING:
        return "null for a missing value"
    if column.type == "string":
        return one_of(column)
    lowest, highest = limits(column)
    return f"a {'whole ' if column.whole else ''}number from {lowest:.6g} to {highest:.6g}"


def one_of(column: Column) -> str:
    """The known categories."""
    categories = column.categories or ()
    more = f" or one of {len(categories) - MOST_CATEGORIES} more" if len(categories) > MOST_CATEGORIES else ""
    return f"one of {', '.join(map(shown, categories[:MOST_CATEGORIES]))}{more}"
