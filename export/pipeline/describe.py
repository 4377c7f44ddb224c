"""What the signature says of the columns and of the labels."""

from collections.abc import Collection
from decimal import Decimal
from numbers import Real
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from alpenglow._export.errors import SampleError
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.labels import KINDS, of_type
from alpenglow._export.pipeline.probe import accepting, limits, with_missing, with_unknown
from alpenglow._export.pipeline.refused import refusal
from alpenglow._export.pipeline.spans import described
from alpenglow._export.pipeline.times import kept, of_text
from alpenglow._serve.signature import Column, ColumnType, LabelType, Target

# Text with more distinct values than this is no category unless an encoder knows it as one.
MOST_CATEGORIES = 1000


def column_type(name: str, values: "pd.Series[Any]") -> ColumnType:
    """Number, string, boolean, moment or duration.

    Raises:
        SampleError: The column mixes types or holds something else.
    """
    how = kept(name, values)
    if how:
        return "duration" if how.duration else "datetime"
    present = values.dropna()
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = present.astype(values.dtype.categories.dtype)
    if is_bool_dtype(present) or (len(present) and all(isinstance(value, (bool, np.bool_)) for value in present)):
        return "boolean"
    if is_numeric_dtype(present) and present.dtype.kind != "c":
        return "number"
    if len(present) and all(isinstance(value, Real | Decimal) for value in present):
        return "number"
    others = present[[not isinstance(value, str) for value in present]]
    if len(others):
        texts = present.drop(others.index)
        odd = texts if 0 < len(texts) < len(others) else others
        raise SampleError(
            f"row {odd.index[0]} of column {name!r} holds {odd.iloc[0]!r}: each column that the pipeline reads "
            "must be all numbers, all text, all booleans, all dates and times or all durations"
        )
    return "string"


def describe_columns(fitted: Fitted, sample: pd.DataFrame, parsed: Collection[str] = ()) -> list[Column]:
    """One `Column` for each that the pipeline was fitted on; what it takes is found by asking it.

    What is not read may hold anything.

    Args:
        fitted: The pipeline.
        sample: Rows that it predicts.
        parsed: Columns of text that the pipeline makes moments of, and does nothing else with.

    Raises:
        SampleError: scikit-learn does not predict the sample itself, or a column has no clear type.
    """
    names = list(map(str, sample.columns))
    read = fitted.columns_read(names)
    types: dict[str, ColumnType] = {
        name: "datetime" if name in parsed else column_type(name, sample[name]) for name in read
    }
    row = sample.iloc[:1]
    if fitted.attempt(row) is None:
        raise refusal(fitted, sample)
    strings = [name for name, kind in types.items() if kind == "string"]
    numbers = [name for name, kind in types.items() if kind == "number"]
    gaps = {name for name in types if sample[name].isna().any()}  # it has to predict those, too
    whole = [name for name in types if name not in gaps]
    kinds = [[name for name in whole if types[name] == kind] for kind in dict.fromkeys(types.values())]
    nullable = gaps | accepting(fitted, row, kinds, with_missing(sample))
    unknown = accepting(fitted, row, [strings], with_unknown)
    ways = {name: of_text(sample[name]) if name in parsed else kept(name, sample[name]) for name in read}
    times = described(fitted, row, sample, {name: how for name, how in ways.items() if how})
    limit = within(limits(fitted, row, numbers), sample)
    known = fitted.known_categories(names)
    hashed = fitted.hashed_columns(names)
    texts = fitted.text_columns(names) - known.keys()
    found = {name: msgspec.structs.replace(column, nullable=name in nullable) for name, column in times.items()}
    found |= {
        name: Column(
            name,
            kind,
            name in nullable,
            example(kind, present := plain(kind, sample[name].dropna())),
            minimum=float(present.min()) if kind == "number" and len(present) else None,
            maximum=float(present.max()) if kind == "number" and len(present) else None,
            lowest=limit[name][0] if name in limit else None,
            highest=limit[name][1] if name in limit else None,
            categories=categories(present, known.get(name)) if kind == "string" and name not in texts else None,
            closed=kind == "string" and name not in unknown - hashed,
        )
        for name, kind in types.items()
        if name not in times
    }
    return [found.get(name, unread(name)) for name in names]


def plain(kind: ColumnType, present: "pd.Series[Any]") -> "pd.Series[Any]":
    """Values that are there, in NumPy's own types."""
    return present.astype(np.float64 if kind == "number" else bool if kind == "boolean" else object)


def unread(name: str) -> Column:
    """A column that nothing depends on: it has a place among what goes in, and no input in the graph."""
    return Column(name, "number", nullable=True, example=0.0)


def within(limit: dict[str, tuple[float, float]], sample: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The limits, widened to what the sample has: one that is a power of two may be too narrow."""
    numbers = {name: plain("number", sample[name].dropna()) for name in limit}
    spans = {name: (float(values.min()), float(values.max())) for name, values in numbers.items()}
    return {
        name: (low, high) if np.isnan(least) else (min(low, least), max(high, most))
        for name, (low, high) in limit.items()
        for least, most in [spans[name]]
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
    return classes.tolist(), KINDS.get(classes.dtype.kind, "string")


def described_classes(fitted: Fitted) -> tuple[list[Any] | None, LabelType | None, list[Target] | None]:
    """The class labels and their type; of several labels at once the type of all, and the classes of each."""
    labels = fitted.labels
    if labels:
        found = [of_type(classes, labels.kind).tolist() for classes in labels.classes]
        return None, labels.kind, list(map(Target, labels.names, found))
    if fitted.task != "classification":
        return None, None, None
    return *describe_labels(fitted.estimator.classes_), None
