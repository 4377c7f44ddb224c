"""Columns of Arrow to the graph's inputs, a column at a time.

Only what plainly fits is taken here. A value that is doubtful, and a column of another type than it should be, is for
`serve.inputs` to look at, which also has the words for what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alpenglow._serve.inputs import limits
from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS, Column


class Cells(NamedTuple):
    """A column's values `[N]` as the graph has them, and of which of them it is plain that the column takes them."""

    values: NDArray[Any]
    plain: NDArray[np.bool_]


def encode(columns: Sequence[Column], arrays: Mapping[str, Any]) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
    """The values by kind `[N, K]`, as `serve.model.Model.predict` takes them, and which rows are plain `[N]`.

    Args:
        columns: The signature's.
        arrays: Each column's values, of one length: Arrow's arrays, or lists of anything.
    """
    rows = len(arrays[columns[0].name])
    values = blocks(columns, rows)
    plain = np.ones(rows, dtype=bool)
    for kind, block in values.items():
        for place, column in enumerate(column for column in columns if column.kind == kind):
            cells = cells_of(arrays[column.name], column)
            if cells is None:
                return values, np.zeros(rows, dtype=bool)
            block[:, place] = cells.values
            plain &= cells.plain
    return values, plain


def blocks(columns: Sequence[Column], rows: int) -> dict[str, NDArray[Any]]:
    """Room for the values by kind."""
    kinds = [column.kind for column in columns]
    types = {NUMBERS: np.float64, TEXTS: object}
    return {kind: np.empty((rows, kinds.count(kind)), dtype=types[kind]) for kind in types if kind in kinds}


def cells_of(array: Any, column: Column) -> Cells | None:
    """One column; None if nothing about it is plain."""
    if not isinstance(array, pa.Array) or column.type not in CELLS:
        return None
    if pa.types.is_dictionary(array.type) and column.type != "string":
        array = array.dictionary_decode()
    return CELLS[column.type](array, column)


def numbers(array: Any, column: Column) -> Cells | None:
    """Of integers and floats; NaN stands for a missing one."""
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        return None
    values = array.to_numpy(zero_copy_only=False).astype(np.float64)
    lowest, highest = limits(column)
    plain = (lowest <= values) & (values <= highest)
    if column.whole:
        plain &= values % 1 == 0
    return Cells(values, plain | np.isnan(values) if column.nullable else plain)


def booleans(array: Any, column: Column) -> Cells | None:
    """Of booleans; NaN stands for a missing one."""
    if not pa.types.is_boolean(array.type):
        return None
    values = array.cast(pa.uint8()).to_numpy(zero_copy_only=False).astype(np.float64)
    return Cells(values, ~np.isnan(values) | column.nullable)


def texts(array: Any, column: Column) -> Cells | None:
    """Of strings, each different one looked at once; `MISSING` stands for a missing one."""
    if not pa.types.is_dictionary(array.type):
        if not is_text(array.type):
            return None
        array = array.dictionary_encode()
    if not is_text(array.type.value_type):
        return None
    different = array.dictionary.to_pylist()
    known = frozenset(column.categories) if column.categories and column.closed else None
    plain = [text is not None and text != MISSING and (known is None or text in known) for text in different]
    places = array.indices.cast(pa.int64()).fill_null(len(different)).to_numpy(zero_copy_only=False)
    values = np.array([*different, MISSING], dtype=object)
    return Cells(values[places], np.array([*plain, column.nullable])[places])


def is_text(kind: Any) -> bool:
    """Whether a type of Arrow is one of its strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


CELLS: dict[str, Callable[[Any, Column], Cells | None]] = {"number": numbers, "boolean": booleans, "string": texts}
