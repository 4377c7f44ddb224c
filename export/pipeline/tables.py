"""Whatever rows people have, as a data frame of pandas'."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.errors import SampleError, one_line

TEXT = "text"  # what a single column without a name is called, if it holds text


def frame_of(X: Any) -> pd.DataFrame:
    """A data frame of pandas, Polars or PyArrow, a Series, an array, a mapping of columns, or a list of rows or texts.

    Returns:
        The same rows, the columns' names as text; those of an array are `x0`, `x1`, ...

    Raises:
        SampleError: It is no table, has no rows, or two columns of one name.
    """
    try:
        frame = converted(X)
    except SampleError:
        raise
    except Exception as error:
        raise SampleError(f"the sample, a {type(X).__name__}, is no table: {one_line(error)}") from error
    if isinstance(frame.columns, pd.MultiIndex):
        raise SampleError("the sample's columns have names of several levels: X.columns = map('_'.join, X.columns)")
    frame = frame.set_axis(frame.columns.astype(str), axis="columns")
    twice = sorted(set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise SampleError(f"the sample has two columns of one name: {', '.join(map(repr, twice))}")
    if not len(frame):
        raise SampleError("the sample has no rows")
    return frame.reset_index(drop=True)


def converted(X: Any) -> pd.DataFrame:
    """As `frame_of`, unchecked."""
    if hasattr(X, "toarray"):
        raise SampleError("the sample is a sparse matrix, and requests are not sparse: give X.toarray()")
    if hasattr(X, "to_pydict"):  # PyArrow
        X = X.to_pandas()
    elif hasattr(X, "get_columns"):  # Polars
        X = {column.name: column.to_list() for column in X.get_columns()}
    elif hasattr(X, "to_list") and hasattr(X, "name"):  # a Series of either
        X = {TEXT if X.name in (None, "") else X.name: X if isinstance(X, pd.Series) else X.to_list()}
    records = isinstance(X, list) and len(X) > 0 and isinstance(X[0], Mapping)
    if isinstance(X, pd.DataFrame | Mapping) or records:
        return X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    return of_array(X)


def of_array(X: Any) -> pd.DataFrame:
    """Rows without names, or texts."""
    array = X if isinstance(X, np.ndarray) else np.array(X, dtype=object if is_text(X) else None)
    if array.dtype.names is not None:
        return pd.DataFrame.from_records(array)
    if array.ndim == 1 and is_text(array):
        return pd.DataFrame({TEXT: array.astype(object)})
    if array.ndim != 2:
        raise SampleError(
            f"the sample, a {type(X).__name__} of {array.ndim} dimensions, is no table: expected rows and columns"
        )
    return pd.DataFrame(array, columns=default_names(array.shape[1]))


def default_names(count: int) -> list[str]:
    """What columns without names are called."""
    return [f"x{i}" for i in range(count)]


def is_text(values: Any) -> bool:
    """Whether it begins with text."""
    return len(values) > 0 and isinstance(values[0], str)
