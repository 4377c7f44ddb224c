"""EllipticEnvelope: the distance from the centre, each sum in the order in which SciPy adds.

The threshold is a quantile of the training rows' own distances, so that rows may lie exactly on it.
"""

from typing import Any

import numpy as np
from sklearn.covariance import EllipticEnvelope

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """An inlier is no farther away than the threshold."""
    precision = np.asarray(model.get_precision(), np.float64)
    features = len(precision)
    away = nodes.add("Sub", [nodes.matrix(inputs), nodes.constant(np.asarray(model.location_, np.float64))])
    by_feature = nodes.add("Unsqueeze", [nodes.add("Transpose", [away], perm=[1, 0]), nodes.constant(np.array([2]))])
    scaled = nodes.add("Mul", [by_feature, nodes.constant(precision.T[:, np.newaxis])])  # [F, N, F]
    squares = nodes.add("Mul", [away, two_lane_sum(nodes, scaled, features)])
    by_feature = nodes.add("Unsqueeze", [nodes.add("Transpose", [squares], perm=[1, 0]), nodes.constant(np.array([2]))])
    distance = nodes.add("Sqrt", [two_lane_sum(nodes, by_feature, features)])
    decision = nodes.add("Sub", [nodes.constant(-model.offset_), nodes.add("Mul", [distance, distance])])
    inlier = nodes.add("GreaterOrEqual", [nodes.flat(decision), nodes.constant(0.0)])
    label = nodes.add("Where", [inlier, nodes.constant(np.int64(1)), nodes.constant(np.int64(-1))])
    return {"label": label, "decision": decision}


def two_lane_sum(nodes: Nodes, x: str, terms: int) -> str:
    """The sum over the first axis: the even terms, plus the odd ones, plus the one that has no pair."""
    paired = terms // 2 * 2
    parts = [nodes.ordered_sum(rows(nodes, x, range(lane, paired, 2))) for lane in (0, 1) if paired]
    if paired < terms:
        parts.append(nodes.ordered_sum(rows(nodes, x, [paired])))
    total = parts[0]
    for part in parts[1:]:
        total = nodes.add("Add", [total, part])
    return total


def rows(nodes: Nodes, x: str, places: Any) -> str:
    """Some of the tensors along the first axis."""
    return nodes.add("Gather", [x, nodes.constant(np.array(places, np.int64))], axis=0)


PREDICTORS = {EllipticEnvelope: convert}
BORDERS = {EllipticEnvelope: MARGIN}
