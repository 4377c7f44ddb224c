"""Parts of dates, and time between them: recorded as pandas computes them."""

import sys
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.converters.libraries.feature_engine.tables import places, without
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.run import traced


def added(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What is made of dates, behind all columns, or behind all others."""
    if model.variables == "index":
        raise NotImplementedError("it reads dates from the index, which a request does not have: make a column of it")
    example = nodes.examples.get(id(model))
    if not isinstance(example, pd.DataFrame):
        raise NotImplementedError("it does not get a data frame when the pipeline predicts")
    used = list(dict.fromkeys([*model.variables_, *getattr(model, "reference_", ())]))
    make = differences if hasattr(model, "reference_") else features
    positions = places(model, used)
    made = traced(nodes, partial(make, model), select(nodes, inputs, positions), example.iloc[:, positions])
    return [*(without(nodes, inputs, positions) if model.drop_original else inputs), *made]


def moments(model: Any, X: pd.DataFrame, name: Any) -> Any:
    """A column as moments."""
    return pd.to_datetime(
        X[name], dayfirst=model.dayfirst, yearfirst=model.yearfirst, utc=model.utc, format=model.format
    )


def features(model: Any, X: pd.DataFrame) -> pd.DataFrame:
    """The parts of each date."""
    functions = sys.modules["feature_engine.datetime._datetime_constants"].FEATURES_FUNCTIONS
    found = pd.DataFrame(index=X.index)
    for name in model.variables_:
        dates = moments(model, X, name)
        for feature in model.features_to_extract_:
            found[f"{name} {feature}"] = functions[feature](dates)
    return found


def differences(model: Any, X: pd.DataFrame) -> pd.DataFrame:
    """How many units of time lie between each date and each reference."""
    unit = pd.Timedelta(np.timedelta64(1, model.output_unit).astype("timedelta64[ns]"))
    found = pd.DataFrame(index=X.index)
    for reference in model.reference_:
        for name in model.variables_:
            found[f"{name} {reference}"] = (moments(model, X, name) - moments(model, X, reference)) / unit
    return found
