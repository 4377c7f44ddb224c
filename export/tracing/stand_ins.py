"""Stand-ins among values: found in them, and turned from what NumPy computes with into what pandas keeps and back."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.tracing.arrays import Array, Trace
from alpenglow._export.tracing.columns import Column, is_text
from alpenglow._export.tracing.functions import beside


def is_traced(*values: Any) -> bool:
    """Whether there is a stand-in among some values."""
    return any(True for value in values for _ in stand_ins(value))


def trace_of(*values: Any) -> Trace:
    """The run that the stand-ins among some values belong to; there is one at least."""
    return next(stand_in.trace for value in values for stand_in in stand_ins(value))


def stand_ins(value: Any) -> Iterator[Array | Column]:
    """The stand-ins in a value: itself, those of a series or a frame, or of a list or dictionary of such."""
    if type(value) is Array or isinstance(value, Column):
        yield value
    elif isinstance(value, pd.Series):
        yield from stand_ins(value.array) if isinstance(value.array, Column) else ()
    elif isinstance(value, pd.DataFrame):
        for place, dtype in enumerate(value.dtypes):
            if hasattr(dtype, "inner"):
                yield value.iloc[:, place].array
    elif isinstance(value, list | tuple):
        for part in value:
            yield from stand_ins(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from stand_ins(part)


def as_columns(value: Any, index: Any) -> Any:
    """Stand-ins for arrays as what pandas keeps: a series, or a frame of them."""
    if type(value) is not Array:
        return value
    if value.ndim == 1:
        return pd.Series(Column(value), index=index)
    return pd.DataFrame({place: Column(value[:, place]) for place in range(value.width)}, index=index)


def as_array(trace: Trace, value: Any, dtype: Any = None) -> Any:
    """A series or a frame as an array."""
    if isinstance(value, pd.DataFrame):
        parts = [as_array(trace, value.iloc[:, place]) for place in range(value.shape[1])]
        kinds = [pd.Series(part.example if type(part) is Array else part) for part in parts]
        found = pd.concat(kinds, axis=1).to_numpy()
        if found.dtype.kind == "O" and any(not is_text(kind.dtype) for kind in kinds):
            trace.refuse("it makes one array of text and numbers: take the columns apart")
        array = beside(trace, parts, lambda _: found)
    else:
        held = getattr(value, "array", None)
        if isinstance(held, Column) and held.zone is not None:
            trace.refuse("it makes an array of times with a zone: compute with the column, or with its .dt")
        array = held.array if isinstance(held, Column) else value
    return array if dtype is None else array.astype(dtype)


def as_series(column: Any, like: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column with the index and the name of a series."""
    return pd.Series(column, index=like.index, name=like.name)


def converted(parts: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments of a function of NumPy's: stand-ins for series and frames as those for arrays."""
    trace = trace_of(list(parts))
    return tuple(convert(trace, part) for part in parts)


def convert(trace: Trace, value: Any) -> Any:
    """One of them."""
    if isinstance(value, pd.Series | pd.DataFrame | Column):
        return as_array(trace, value) if is_traced(value) else np.asarray(value)
    if isinstance(value, list | tuple):
        return type(value)(convert(trace, part) for part in value)
    return value
