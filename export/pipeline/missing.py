"""Missing values as the sample has them: scikit-learn's encoders tell `None`, `NaN` and `pd.NA` apart."""

from typing import Any

import numpy as np
import pandas as pd


def missing_in(values: "pd.Series[Any]") -> Any:
    """The value that stands for a missing one in a column: its own first, else what its type has."""
    if values.dtype == object:
        gaps = values[values.isna()]
        return gaps.iloc[0] if len(gaps) else np.nan
    return getattr(values.dtype, "na_value", np.nan)


def unified(sample: pd.DataFrame) -> pd.DataFrame:
    """The same rows, each column with one kind of missing value: a request knows only one, null."""
    mixed = {
        str(name): values.where(values.notna(), missing_in(values))
        for name, values in sample.items()
        if values.dtype == object and values.isna().any()
    }
    return sample.assign(**mixed) if mixed else sample


def without(column: "pd.Series[Any]", sample: "pd.Series[Any]") -> "pd.Series[Any]":
    """As many missing values, of the column's type where it can hold them.

    Args:
        column: Rows of the sample's column, perhaps changed.
        sample: The sample's column.
    """
    kind = object if column.dtype.kind == "b" and isinstance(column.dtype, np.dtype) else column.dtype
    if isinstance(kind, np.dtype) and kind.kind in "iu":
        kind = np.dtype(np.float64)
    return pd.Series([missing_in(sample)] * len(column), index=column.index, dtype=kind)
