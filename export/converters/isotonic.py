"""Isotonic regression: straight lines between the fitted points."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.isotonic import IsotonicRegression

from alpenglow._export.arithmetic.borders import Borders, by_feature
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Find the last point that is not above x, and go on from there, in the order in which NumPy's `interp` does."""
    xs, ys = model.X_thresholds_, model.y_thresholds_
    if model.out_of_bounds == "raise":
        raise NotImplementedError("it raises for what is beyond its points (out_of_bounds='raise'), a graph cannot")
    if xs.dtype != np.float64:
        raise NotImplementedError("it was fitted in float32")
    x = nodes.matrix(inputs)
    if len(xs) == 1:
        return {"prediction": nodes.add("Add", [nodes.add("Mul", [x, nodes.constant(0.0)]), nodes.constant(ys)])}
    low, high = nodes.constant(xs[0]), nodes.constant(xs[-1])
    inside = nodes.add("Clip", [x, low, high])
    passed = nodes.cast(nodes.add("LessOrEqual", [nodes.constant(xs[np.newaxis, 1:]), inside]), TensorProto.INT32)
    index = nodes.add("ReduceSum", [passed, nodes.constant(np.array([1]))], keepdims=1)
    slopes = np.append(np.diff(ys) / np.diff(xs), 0.0)  # nothing comes after the last point
    start, height, slope = (nodes.add("Gather", [nodes.constant(part), index]) for part in (xs, ys, slopes))
    rise = nodes.add("Mul", [slope, nodes.add("Sub", [inside, start])])
    found = nodes.add("Add", [rise, height])
    if model.out_of_bounds == "nan":
        found = nodes.add("Where", [nodes.add("Equal", [x, inside]), found, nodes.constant(np.nan)])
    return {"prediction": found}


PREDICTORS = {IsotonicRegression: convert}
BORDERS = {IsotonicRegression: Borders(lambda model: by_feature([model.X_thresholds_]))}
