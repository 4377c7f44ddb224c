"""The order in which scikit-learn's k-d and ball trees visit the points: at each node the nearer half first."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.metrics import Metric
from alpenglow._export.graph.nodes import Nodes


def places(nodes: Nodes, tree: Any, metric: Metric, x: str, wanted: int) -> tuple[str, float]:
    """When each point would be visited if the search left out none, float64 `[R, M]`, of rows `x` `[R, F]`.

    Also a time by which at least as many points as wanted have been visited.
    """
    _, order, data, bounds = (np.asarray(array) for array in tree.get_arrays())
    leaves, inner = np.flatnonzero(data["is_leaf"]), np.flatnonzero(data["is_leaf"] == 0)
    starts, ends = data["idx_start"][leaves], data["idx_end"][leaves]
    fixed, flipped = turns(leaves.tolist(), inner.tolist(), len(data))
    leaf_of, offset = np.zeros(len(order), np.int64), np.zeros(len(order))
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        leaf_of[order[start:end]], offset[order[start:end]] = number, np.arange(end - start)
    nearest = (of_boxes if len(bounds) == 2 else of_balls)(nodes, bounds, data["radius"], metric, x)
    left, right = (nodes.pick(nearest, np.minimum(2 * inner + side, len(data) - 1)) for side in (1, 2))
    right_first = nodes.cast(nodes.add("Greater", [left, right]), TensorProto.DOUBLE)
    size = float((ends - starts).max())
    turn = nodes.add("Gemm", [right_first, nodes.constant(flipped * size), nodes.constant(fixed * size)])
    found = nodes.add("Add", [nodes.pick(turn, leaf_of), nodes.constant(offset[np.newaxis])])
    return found, size * math.ceil(wanted / (ends - starts).min())


def turns(leaves: list[int], inner: list[int], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The leaves' turns `[1, L]` if all left halves come first, and what changes `[I, L]` where a right one does.

    A turn is a binary number: for each node above the leaf whether the leaf is in the half that is visited second.
    The children of node i are 2i + 1 and 2i + 2.
    """
    fixed, flipped = np.zeros((1, len(leaves))), np.zeros((len(inner), len(leaves)))
    row = {node: at for at, node in enumerate(inner)}
    for column, leaf in enumerate(leaves):
        node = leaf
        while node > 0:
            above, is_right = (node - 1) // 2, node % 2 == 0
            worth = 2.0 ** (count.bit_length() - (above + 1).bit_length())
            fixed[0, column] += worth * is_right
            flipped[row[above], column] = -worth if is_right else worth
            node = above
    return fixed, flipped


def of_boxes(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> str:
    """How near the points in a node of a k-d tree may be, `[R, nodes]`, reduced."""
    low, high = (nodes.constant(np.ascontiguousarray(bound.T)[:, np.newaxis]) for bound in bounds)  # [F, 1, nodes]
    turned = nodes.add("Transpose", [x], perm=[1, 0])
    columns = nodes.add("Unsqueeze", [turned, nodes.constant(np.array([2]))])  # [F, R, 1]
    beyond = [nodes.add("Sub", [low, columns]), nodes.add("Sub", [columns, high])]
    twice = [nodes.add("Add", [difference, nodes.add("Abs", [difference])]) for difference in beyond]
    half = nodes.add("Mul", [nodes.add("Add", twice), nodes.constant(0.5)])
    return metric.joined(nodes, metric.powered(nodes, half))


def of_balls(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> str:
    """The same of a ball tree; not reduced, which leaves the order as it is."""
    distance = metric.distance(nodes, metric.reduced(nodes, x, np.ascontiguousarray(bounds[0])))
    beyond = nodes.add("Sub", [distance, nodes.constant(np.asarray(radius)[np.newaxis])])
    return nodes.add("Max", [beyond, nodes.constant(0.0)])
