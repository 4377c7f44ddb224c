"""Ask the fitted pipeline what it takes, rather than infer it: missing values, unknown text, large numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from export.silence import silenced

LARGEST_FLOAT64 = float(np.finfo(np.float64).max)
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
UNKNOWN = "\ufdd1 unknown"  # begins with a noncharacter: among nobody's categories

Change = Callable[[pd.DataFrame, Sequence[str]], pd.DataFrame]


def accepts(pipeline: Any, rows: pd.DataFrame) -> bool:
    """Whether scikit-learn predicts the rows instead of raising."""
    with silenced():
        try:
            pipeline.predict(rows)
        except Exception:  # whatever it raises, it does not predict
            return False
    return True


def accepting(pipeline: Any, row: pd.DataFrame, columns: Sequence[str], change: Change) -> set[str]:
    """The columns in which scikit-learn takes the change; one question if it takes it in all at once.

    Args:
        pipeline: Fitted.
        row: One row that it predicts.
        columns: The candidates.
        change: Returns the row with the given columns changed.
    """
    if not columns or accepts(pipeline, change(row, columns)):
        return set(columns)
    return {name for name in columns if accepts(pipeline, change(row, [name]))}


def with_missing(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows with no value in the given columns."""
    empty = {name: np.nan if rows[name].dtype.kind in "iuf" else missing_like(rows[name]) for name in columns}
    return rows.assign(**empty)


def missing_like(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """As many missing values, of the column's type where it can hold them."""
    dtype = object if column.dtype.kind == "b" else column.dtype
    return pd.Series(np.nan, index=column.index, dtype=dtype)


def with_unknown(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows with text that no encoder has seen."""
    return rows.assign(**dict.fromkeys(columns, UNKNOWN))


def with_number(value: float) -> Change:
    """A change that puts the number into the given columns."""
    return lambda rows, columns: rows.assign(**dict.fromkeys(columns, value))


def limits(pipeline: Any, row: pd.DataFrame, columns: Sequence[str]) -> dict[str, float]:
    """The largest magnitude that scikit-learn takes in a column, for the columns that have one.

    A forest refuses what float32 cannot hold. Where a step before it scales numbers up, the limit is lower: the
    largest power of two that passes.
    """

    def takes(value: float, names: Sequence[str]) -> set[str]:
        up = accepting(pipeline, row, names, with_number(value))
        return up & accepting(pipeline, row, names, with_number(-value))

    limited = [name for name in columns if name not in takes(LARGEST_FLOAT64, columns)]
    found = dict.fromkeys(takes(LARGEST_FLOAT32, limited), LARGEST_FLOAT32)
    for name in limited:
        if name not in found:
            low, high = 0, 1024
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if takes(2.0**middle, [name]) else (low, middle)
            found[name] = 2.0**low
    return found
