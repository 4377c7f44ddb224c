"""SimpleImputer, exact in float64 and for text; skl2onnx's own works in float32."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.impute import SimpleImputer

from export.converters.text import as_text, is_string
from export.nodes import Nodes


def imputer_types(operator: Any) -> None:
    """The output has the input's columns and type."""
    imputer, source = operator.raw_operator, operator.inputs[0]
    if imputer.indicator_ is not None:
        raise NotImplementedError("add_indicator=True is not supported")
    operator.outputs[0].type = (StringTensorType if is_string(source) else DoubleTensorType)([None, len(kept(imputer))])


def kept(imputer: Any) -> NDArray[np.int64]:
    """The positions of the columns that come out: scikit-learn drops those that held no value when it was fitted."""
    return np.flatnonzero([not pd.isna(value) for value in imputer.statistics_])


def convert_imputer(nodes: Nodes, operator: Any) -> None:
    """Put the fitted statistics in place of missing values: `Where(missing, statistics, x)`."""
    imputer, source = operator.raw_operator, operator.inputs[0]
    x = columns(nodes, operator)
    keep = kept(imputer)
    if len(keep) < len(imputer.statistics_):
        x = nodes.add("Gather", [x, nodes.constant(keep)], axis=1)
    if is_string(source):
        statistics = np.array([[as_text(value) for value in imputer.statistics_[keep]]], dtype=object)
        missing = nodes.add("Equal", [x, nodes.constant(np.array([[as_text(imputer.missing_values)]], dtype=object))])
    else:
        statistics = imputer.statistics_[keep].astype(np.float64)[np.newaxis]
        if pd.isna(imputer.missing_values):
            missing = nodes.add("IsNaN", [x])
        else:
            missing = nodes.add("Equal", [x, nodes.constant(np.float64(imputer.missing_values))])
    nodes.add("Where", [missing, nodes.constant(statistics), x], operator.outputs[0].full_name)


def columns(nodes: Nodes, operator: Any) -> str:
    """All inputs as one tensor `[N, K]`."""
    names = [variable.full_name for variable in operator.inputs]
    return names[0] if len(names) == 1 else nodes.add("Concat", names, axis=1)


TRANSFORMERS = {SimpleImputer: (imputer_types, convert_imputer)}
