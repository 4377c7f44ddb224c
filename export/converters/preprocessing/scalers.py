"""Scalers and thresholds: the operations of scikit-learn in its order, so that every bit is the same.

Only a dense Normalizer's sums are added in another order, which moves its results by a few units in the last place.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)

from alpenglow._export.arithmetic.borders import NOWHERE, Borders, rows_of
from alpenglow._export.graph.columns import (
    Float32TensorType,
    as_kind,
    is_float32,
    is_sparse,
    kind_of,
    narrowed,
    width,
)
from alpenglow._export.graph.hashes import by_column, values, with_values
from alpenglow._export.graph.nodes import Inputs, Nodes


def standard(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`(x - mean) / scale`."""
    center, scale = model.mean_ if model.with_mean else None, model.scale_ if model.with_std else None
    if center is not None and is_float32(inputs) and rounds_mean(model):
        center, scale = (None if some is None else some.astype(np.float32) for some in (center, scale))
    return scaled(nodes, inputs, center, scale)


def rounds_mean(model: Any) -> bool:
    """Whether scikit-learn rounds the mean to float32 before it takes it from rows in float32, as newer versions do."""
    return not np.any(model.transform(row(model.mean_).astype(np.float32)))


def robust(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`(x - median) / scale`; what is sparse is not centered."""
    center = model.center_ if model.with_centering and not is_sparse(inputs) else None
    return scaled(nodes, inputs, center, model.scale_ if model.with_scaling else None)


def max_abs(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x / scale`."""
    found = scaled(nodes, inputs, None, model.scale_)
    return clipped(nodes, found, -1.0, 1.0) if getattr(model, "clip", False) else found


def min_max(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x * scale + min`."""
    kind = kind_of(inputs)
    round_ = narrowed if kind is Float32TensorType else exact
    x = round_(nodes, nodes.add("Mul", [nodes.matrix(inputs), nodes.constant(row(model.scale_))]))
    x = round_(nodes, nodes.add("Add", [x, nodes.constant(row(model.min_))]))
    found = nodes.table(x, width(inputs), kind)
    return clipped(nodes, found, *model.feature_range) if model.clip else found


def scaled(nodes: Nodes, inputs: Inputs, center: NDArray[Any] | None, scale: NDArray[Any] | None) -> Inputs:
    """`(x - center) / scale`; scikit-learn multiplies sparse columns by the inverse, and centers none."""
    sparse, kind, x = is_sparse(inputs), kind_of(inputs), values(nodes, inputs)
    round_ = narrowed if kind is Float32TensorType else exact
    if center is not None:
        x = round_(nodes, nodes.add("Sub", [x, nodes.constant(row(center))]))
    if scale is not None and sparse:
        x = nodes.add("Mul", [x, by_column(nodes, inputs, 1.0 / row(scale)[0])])
    elif scale is not None:
        x = round_(nodes, nodes.add("Div", [x, nodes.constant(row(scale))]))
    return with_values(nodes, inputs, x, kind)


def exact(nodes: Nodes, x: str) -> str:
    """Float64 as it is."""
    return x


def clipped(nodes: Nodes, inputs: Inputs, low: float, high: float) -> Inputs:
    """The columns between two limits; NaN stays."""
    limits = [nodes.constant(np.float64(low)), nodes.constant(np.float64(high))]
    return nodes.table(nodes.add("Clip", [nodes.matrix(inputs), *limits]), width(inputs), kind_of(inputs))


def row(values: Any) -> NDArray[np.float64]:
    """One number for each column, `[1, K]`."""
    return np.asarray(values, np.float64).reshape(1, -1)


def normalize(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Rows divided by their norm."""
    found = normalized(nodes, values(nodes, inputs), model.norm, sparse=is_sparse(inputs))
    return with_values(nodes, inputs, found, kind_of(inputs))


def normalized(nodes: Nodes, x: str, norm: str, *, sparse: bool) -> str:
    """Rows divided by their norm `l1`, `l2` or `max`; a row of zeros stays."""
    size = nodes.add("Abs", [x])
    if norm == "max":
        total = nodes.add("ReduceMax", [size, nodes.constant(np.array([1]))], keepdims=1)
    elif norm == "l1":
        total = sum_of_rows(nodes, size, sparse)
    else:
        total = nodes.add("Sqrt", [sum_of_rows(nodes, nodes.add("Mul", [x, x]), sparse)])
    empty = nodes.add("Less", [total, nodes.constant(smallest_norm(sparse))])
    divisor = nodes.add("Where", [empty, nodes.constant(np.float64(1.0)), total])
    return nodes.add("Div", [x, divisor])


def smallest_norm(sparse: bool) -> np.float64:
    """What scikit-learn takes for zero: in dense rows anything below ten times the distance of floats at one."""
    return np.float64(5e-324) if sparse else 10 * np.finfo(np.float64).eps


def sum_of_rows(nodes: Nodes, x: str, sparse: bool) -> str:
    """The sums `[N, 1]` of `[N, K]`; sparse rows are added from left to right, as scikit-learn adds them."""
    if sparse:
        turned = nodes.add("Unsqueeze", [nodes.add("Transpose", [x], perm=[1, 0]), nodes.constant(np.array([2]))])
        return nodes.ordered_sum(turned)
    return nodes.add("ReduceSum", [x, nodes.constant(np.array([1]))], keepdims=1)


def binarize(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """One above the threshold, zero up to it."""
    above = nodes.add("Greater", [nodes.matrix(inputs), nodes.constant(np.float64(model.threshold))])
    found = nodes.table(nodes.cast(above, TensorProto.DOUBLE), width(inputs))
    return as_kind(nodes, found, sparse=is_sparse(inputs))


TRANSFORMERS = {
    Binarizer: binarize,
    MaxAbsScaler: max_abs,
    MinMaxScaler: min_max,
    Normalizer: normalize,
    RobustScaler: robust,
    StandardScaler: standard,
}
BORDERS = {
    Binarizer: Borders(lambda model: rows_of(np.full(model.n_features_in_, model.threshold))),
    MinMaxScaler: Borders(lambda model: rows_of([model.data_min_, model.data_max_])),
    **dict.fromkeys((MaxAbsScaler, Normalizer, RobustScaler, StandardScaler), NOWHERE),
}
