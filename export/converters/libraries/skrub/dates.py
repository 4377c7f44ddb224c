"""Dates read from text, their parts, and durations: recorded as pandas computes them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.graph.columns import Float32TensorType, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.run import traced


def recorded(nodes: Nodes, function: Any, model: Any, inputs: Inputs) -> Inputs:
    """What a function makes of a column."""
    example = nodes.examples.get(id(model))
    if not isinstance(example, pd.Series):
        raise NotImplementedError("it does not get a column of a data frame when the pipeline predicts")
    return traced(nodes, partial(function, model), inputs, example)


def read(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Moments."""
    return recorded(nodes, moments, model, inputs)


def encoded(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The parts of moments."""
    made = recorded(nodes, parts, model, inputs)
    return made if model._periodic_encoders else in_float32(nodes, made)


def seconds(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Durations in seconds."""
    return in_float32(nodes, recorded(nodes, total, model, inputs))


def in_float32(nodes: Nodes, inputs: Inputs) -> Inputs:
    """Numbers that are float32 in scikit-learn."""
    return nodes.table(nodes.matrix(inputs), width(inputs), Float32TensorType)


def moments(model: Any, column: "pd.Series[Any]") -> Any:
    """What `ToDatetime` makes of a column of moments, or of text in the format that it has found."""
    made = pd.to_datetime(column, format=model.format_, errors="coerce")
    zone, wanted = made.dt.tz, model.output_time_zone_
    if zone is None and wanted is not None:
        made = made.dt.tz_localize("UTC")
    if zone is not None or wanted is not None:
        made = made.dt.tz_convert(wanted)
    return made.astype(model.output_dtype_)


def total(model: Any, column: "pd.Series[Any]") -> Any:
    """What `DurationToFloat` makes of durations."""
    return column.dt.total_seconds().astype(np.float32)


def parts(model: Any, column: "pd.Series[Any]") -> pd.DataFrame:
    """What `DatetimeEncoder` makes of moments."""
    found = pd.DataFrame(index=column.index)
    plain = [feature for feature in model.extracted_features_ if feature not in model._periodic_encoders]
    for feature in plain:
        found[feature] = part(column, feature).astype(np.float32)
    for feature, encoder in model._periodic_encoders.items():
        number = part(column, feature)
        if hasattr(encoder, "transformer_"):
            made = encoder.transformer_.transform(number.fillna(0).to_numpy().reshape(-1, 1))
            columns = [made[:, place] for place in range(encoder.n_components_)]
        else:
            angle = number / encoder.period * 2 * np.pi
            columns = [np.sin(angle), np.cos(angle)]
        for place, one in enumerate(columns):
            found[f"{feature} {place}"] = np.where(column.isna(), np.nan, one)
    return found


def part(column: "pd.Series[Any]", feature: str) -> Any:
    """A part of moments, as a number."""
    if feature == "total_seconds":
        # Of Python's own, which pandas counts in microseconds: a difference in nanoseconds has no room for all years.
        epoch = pd.Timestamp(datetime(1970, 1, 1, tzinfo=None if column.dt.tz is None else UTC))
        return (column - epoch) / pd.Timedelta("1s")
    if feature == "weekday":
        return column.dt.day_of_week + 1
    return getattr(column.dt, feature)
