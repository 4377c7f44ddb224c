"""SimpleImputer and MissingIndicator, exact in float64 and for text."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.impute import MissingIndicator, SimpleImputer

from alpenglow._export.arithmetic.borders import NOWHERE, Borders, Edge, by_feature
from alpenglow._export.graph.columns import as_kind, is_float32, is_sparse, kind_of, merged, select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import NoneTensorType, as_text, is_string


def impute(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Put the fitted statistics in place of missing values: `Where(missing, statistics, x)`."""
    kept = positions(model)
    found: list[Any] = []
    at = 0
    for variable in merged(nodes, select(nodes, inputs, kept)):
        size = variable.type.shape[1]
        x = variable.full_name
        put = statistics(model.statistics_[kept[at : at + size]], text=is_string(variable))
        fill = nodes.constant(put.astype(np.float32).astype(np.float64) if is_float32([variable]) else put)
        filled = nodes.add("Where", [missing(nodes, variable, model.missing_values), fill, x])
        found += nodes.table(filled, size, type(variable.type))
        at += size
    return [*found, *indicated(nodes, inputs, model.indicator_)]


def positions(model: Any) -> NDArray[np.int64]:
    """The columns that come out: scikit-learn drops those that held no value when it was fitted, unless told."""
    empty = [not model.keep_empty_features and bool(pd.isna(value)) for value in model.statistics_]
    return np.flatnonzero(np.logical_not(empty))


def statistics(values: NDArray[Any], *, text: bool) -> NDArray[Any]:
    """The values `[1, K]` that stand in for missing ones."""
    if text:
        return np.array([[as_text(value) for value in values]], dtype=object)
    return np.asarray(values, np.float64)[np.newaxis]


def missing(nodes: Nodes, variable: Any, mark: Any) -> str:
    """Which values `[N, K]` are missing, that is, equal to the mark."""
    x = variable.full_name
    if is_string(variable):
        # Neither a number nor NaN marks a gap that is None; what no text equals is a noncharacter of no other meaning.
        gap = pd.isna(mark) and (mark is None or not isinstance(variable.type, NoneTensorType))
        text = as_text(mark) if isinstance(mark, str) or gap else "\ufdd2"
        return nodes.add("Equal", [x, nodes.constant(np.array([[text]], dtype=object))])
    if isinstance(mark, str):
        return nodes.add("And", [nodes.add("IsNaN", [x]), nodes.constant(np.array([[False]]))])
    return nodes.add("IsNaN", [x]) if pd.isna(mark) else nodes.add("Equal", [x, nodes.constant(np.float64(mark))])


def indicated(nodes: Nodes, inputs: Inputs, indicator: Any) -> Inputs:
    """What an imputer's MissingIndicator adds, if there is one."""
    return [] if indicator is None else indicate(nodes, indicator, inputs)


def indicate(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """One where a value is missing, in the columns that the indicator tells of."""
    found: list[Any] = []
    for variable in merged(nodes, select(nodes, inputs, model.features_)):
        flags = nodes.cast(missing(nodes, variable, model.missing_values), TensorProto.DOUBLE)
        found += nodes.table(flags, variable.type.shape[1], kind_of(inputs))
    return as_kind(nodes, found, sparse=is_sparse(inputs) if model.sparse == "auto" else model.sparse)


def filled(model: Any) -> Iterable[Edge]:
    """The numbers that it puts in."""
    return by_feature(np.reshape(model.statistics_, (-1, 1)))


TRANSFORMERS = {MissingIndicator: indicate, SimpleImputer: impute}
BORDERS = {
    MissingIndicator: NOWHERE,
    SimpleImputer: Borders(filled),
}
