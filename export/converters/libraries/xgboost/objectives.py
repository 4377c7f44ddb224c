"""What XGBoost's objectives make of a base score and of sums, in float32.

A power of e is computed in float64 and rounded, as it is to the last digit but for one in thousands where XGBoost takes
it from the C library in float32.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes

LOGISTIC = {"binary:logistic", "reg:logistic"}
EXPONENTIAL = {"count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox"}
IDENTITY = {
    "binary:logitraw",
    "rank:map",
    "rank:ndcg",
    "rank:pairwise",
    "reg:absoluteerror",
    "reg:linear",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "reg:squarederror",
    "reg:squaredlogerror",
}


def margins(objective: str, base: NDArray[np.float32]) -> list[float]:
    """What the sums begin with; logarithms are rounded from float64."""
    if objective in LOGISTIC:
        odds = np.float32(1) / base - np.float32(1)
        base = (-np.log(odds.astype(np.float64))).astype(np.float32)
    elif objective in EXPONENTIAL:
        base = np.log(base.astype(np.float64)).astype(np.float32)
    return [float(value) for value in base]


def answer(nodes: Nodes, objective: str, raw: str) -> str:
    """What is predicted for sums `[N, K]`."""
    one = nodes.constant(np.float32(1))
    if objective in LOGISTIC:
        growth = power(nodes, nodes.add("Neg", [raw]))
        return nodes.add("Div", [one, nodes.add("Add", [growth, one])])
    if objective in EXPONENTIAL:
        return power(nodes, raw)
    if objective == "binary:hinge":
        return nodes.cast(nodes.add("Greater", [raw, nodes.constant(np.float32(0))]), TensorProto.FLOAT)
    if objective == "multi:softmax":
        return nodes.cast(nodes.add("ArgMax", [raw], axis=1, keepdims=1), TensorProto.FLOAT)
    if objective == "multi:softprob":
        return softmax(nodes, raw)
    if objective not in IDENTITY:
        raise NotImplementedError(f"it has the objective {objective}")
    return raw


def power(nodes: Nodes, x: str) -> str:
    """The power of e."""
    return nodes.cast(nodes.add("Exp", [nodes.cast(x, TensorProto.DOUBLE)]), TensorProto.FLOAT)


def softmax(nodes: Nodes, raw: str) -> str:
    """Powers of e over their sum, which is added in float64."""
    axis: Any = nodes.constant(np.array([1]))
    powers = power(nodes, nodes.add("Sub", [raw, nodes.add("ReduceMax", [raw, axis], keepdims=1)]))
    total = nodes.add("ReduceSum", [nodes.cast(powers, TensorProto.DOUBLE), axis], keepdims=1)
    return nodes.add("Div", [powers, nodes.cast(total, TensorProto.FLOAT)])
