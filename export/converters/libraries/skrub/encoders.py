"""Texts as a few numbers, and numbers within limits."""

from typing import Any

import numpy as np
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType

from alpenglow._export.converters.preprocessing.scalers import exact, row
from alpenglow._export.graph.columns import Float32TensorType, is_float32, narrowed, select, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._serve.signature import MISSING


def strings(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Weighted counts of a text's pieces in float32, multiplied by the components, divided by their size."""
    if len(inputs) != 1 or not is_string(inputs[0]):
        raise NotImplementedError("it does not read one column of text")
    x, gap = inputs[0].full_name, nodes.constant(np.array(MISSING, object))
    text = nodes.add("Where", [nodes.add("Equal", [x, gap]), nodes.constant(np.array("", object)), x])
    counted = nodes.features(model.vectorizer_, nodes.table(text, 1, StringTensorType))
    counts = narrowed(nodes, nodes.matrix(counted))
    if hasattr(model, "tsvd_"):
        components = model.tsvd_.components_
        wide = components.dtype == np.float64
        made = nodes.add("MatMul", [counts, nodes.constant(components.T.astype(np.float64))])
    else:
        wide, made = False, nodes.pick(counts, np.arange(model.n_components_))
    round_ = exact if wide else narrowed
    made = nodes.add("Div", [round_(nodes, made), nodes.constant(np.float64(model.scaling_factor_))])
    return nodes.table(round_(nodes, made), model.n_components_, DoubleTensorType if wide else Float32TensorType)


def both(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Flags for the categories, and the mean of the target for each."""
    return [*nodes.features(model.one_hot_encoder_, inputs), *nodes.features(model.target_encoder_, inputs)]


def squashed(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Scaled numbers, softly limited: `x / sqrt(1 + (x / most) ** 2)`; what is infinite is at the limit."""
    narrow = is_float32(inputs)
    round_ = narrowed if narrow else exact
    zero, one = nodes.constant(np.float64(0.0)), nodes.constant(np.float64(1.0))
    # In float32 the limit is float32, too.
    most = nodes.constant(np.float64(np.float32(model.max_absolute_value) if narrow else model.max_absolute_value))
    given = nodes.matrix(inputs)
    parts: list[Any] = []
    for chosen, scaler in (
        (model.robust_cols_, model.robust_scaler_),
        (model.minmax_cols_, model.minmax_scaler_),
        (model.zero_cols_, None),
    ):
        places = np.flatnonzero(chosen)
        if len(places):
            x = nodes.pick(given, places)
            parts += nodes.table(scaled(nodes, scaler, x, narrow), len(places))
    order = np.argsort(
        np.concatenate([np.flatnonzero(c) for c in (model.robust_cols_, model.minmax_cols_, model.zero_cols_)])
    )
    x = nodes.matrix(select(nodes, parts, order))
    ratio = round_(nodes, nodes.add("Div", [x, most]))
    square = round_(nodes, nodes.add("Mul", [ratio, ratio]))
    root = round_(nodes, nodes.add("Sqrt", [round_(nodes, nodes.add("Add", [one, square]))]))
    found = round_(nodes, nodes.add("Div", [x, root]))
    limit = nodes.add("Where", [nodes.add("Greater", [given, zero]), most, nodes.add("Neg", [most])])
    found = nodes.add("Where", [nodes.add("IsInf", [given]), limit, found])
    return nodes.table(found, width(inputs), Float32TensorType if narrow else DoubleTensorType)


def scaled(nodes: Nodes, scaler: Any, x: str, narrow: bool) -> str:
    """Numbers `[N, K]` by their quartiles, or by their least and greatest, or zero where all were the same."""
    round_ = narrowed if narrow else exact
    if scaler is None:
        nan, zero = (nodes.constant(np.float64(value)) for value in (np.nan, 0.0))
        return nodes.add("Where", [nodes.add("IsNaN", [x]), nan, zero])
    center, scale = (scaler.center_, scaler.scale_) if hasattr(scaler, "center_") else (scaler.median_, scaler.scale_)
    away = round_(nodes, nodes.add("Sub", [x, nodes.constant(row(center))]))
    operation = "Div" if hasattr(scaler, "center_") else "Mul"
    return round_(nodes, nodes.add(operation, [away, nodes.constant(row(scale))]))
