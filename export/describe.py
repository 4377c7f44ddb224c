"""What the signature says of the columns and of the labels."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from alpenglow._export.errors import SampleError, one_line
from alpenglow._export.probe import accepting, limits, with_missing, with_unknown
from alpenglow._export.silence import silenced
from alpenglow._export.steps import known_categories
from alpenglow._serve.signature import Column, ColumnType, LabelType

# Text with more distinct values than this is no category unless an encoder knows it as one.
MOST_CATEGORIES = 1000


def column_type(name: str, values: "pd.Series[Any]") -> ColumnType:
    """Number, string or boolean.

    Raises:
        SampleError: The column mixes types or holds something else, such as dates.
    """
    present = values.dropna()
    if is_bool_dtype(values) or (len(present) and all(isinstance(value, (bool, np.bool_)) for value in present)):
        return "boolean"
    if is_numeric_dtype(values) and not np.iscomplexobj(values):
        return "number"
    strange = next((value for value in present if not isinstance(value, str)), None)
    if strange is not None:
        raise SampleError(
            f"column {name!r} holds {strange!r}: each column must be all numbers, all text or all booleans"
        )
    return "string"


def describe_columns(pipeline: Any, sample: pd.DataFrame) -> list[Column]:
    """One `Column` for each that the pipeline was fitted on; what it takes is found by asking it.

    Raises:
        SampleError: scikit-learn does not predict the sample itself, or a column has no clear type.
    """
    types = {str(name): column_type(str(name), sample[name]) for name in sample}
    row = sample.iloc[:1]
    try:
        with silenced():
            pipeline.predict(row)
    except Exception as error:
        raise SampleError(f"scikit-learn does not predict the sample's first row: {one_line(error)}") from error
    strings = [name for name, kind in types.items() if kind == "string"]
    numbers = [name for name, kind in types.items() if kind == "number"]
    gaps = {name for name in types if sample[name].isna().any()}  # it has to predict those, too
    nullable = gaps | accepting(
        pipeline, row, sorted(types, key=lambda name: (types[name], name in gaps)), with_missing
    )
    unknown = accepting(pipeline, row, strings, with_unknown)
    limit = within(limits(pipeline, row, numbers), sample)
    known = known_categories(pipeline, list(types))
    present = {name for name in types if sample[name].notna().any()}
    return [
        Column(
            name,
            kind,
            name in nullable,
            example(kind, sample[name].dropna()),
            minimum=float(sample[name].min()) if kind == "number" and name in present else None,
            maximum=float(sample[name].max()) if kind == "number" and name in present else None,
            lowest=limit[name][0] if name in limit else None,
            highest=limit[name][1] if name in limit else None,
            categories=categories(sample[name], known.get(name)) if kind == "string" else None,
            closed=kind == "string" and name not in unknown,
        )
        for name, kind in types.items()
    ]


def within(limit: dict[str, tuple[float, float]], sample: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The limits, widened to what the sample has: one that is a power of two may be too narrow."""
    spans = {name: (float(sample[name].min()), float(sample[name].max())) for name in limit}
    return {
        name: (low if np.isnan(spans[name][0]) else min(low, spans[name][0]), max(high, np.nan_to_num(spans[name][1])))
        for name, (low, high) in limit.items()
    }


def example(kind: ColumnType, present: "pd.Series[Any]") -> float | str | bool:
    """The median or the most frequent value: typical, and nobody's own."""
    if kind == "number":
        return float(present.quantile(0.5, interpolation="lower")) if len(present) else 0.0
    if kind == "boolean":
        return bool(present.mode().iloc[0]) if len(present) else False
    return str(present.mode().iloc[0]) if len(present) else ""


def categories(values: "pd.Series[Any]", known: list[Any] | None) -> list[str] | None:
    """The known values of a text column: the encoder's where one reads it, else the sample's; None if too many."""
    if known is not None:
        return [value for value in known if isinstance(value, str)]
    distinct = sorted(values.dropna().unique())
    return distinct if len(distinct) <= MOST_CATEGORIES else None


def describe_labels(classes: NDArray[Any]) -> tuple[list[Any], LabelType]:
    """The class labels as JSON has them, and their type."""
    kinds: dict[str, LabelType] = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
    return classes.tolist(), kinds.get(classes.dtype.kind, "string")
