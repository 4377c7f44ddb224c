"""How scikit-learn's k-d and ball trees come to the points.

A search for the nearest visits the nearer half first at each node. A search within a radius leaves out nodes that are
too far as a whole, and takes all points of those that are near enough as a whole: by bounds whose last bits decide.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.metrics import Metric, power
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


def settled(nodes: Nodes, tree: Any, metric: Metric, x: str, radius: float, value: float) -> str:
    """Which points are settled by a node above them, `[N, M]`: a value if within the radius, less than 0 if beyond."""
    _, order, data, bounds = (np.asarray(array) for array in tree.get_arrays())
    leaves = np.flatnonzero(data["is_leaf"])
    leaf_of = np.zeros(len(order), np.int64)
    for number, leaf in enumerate(leaves):
        leaf_of[order[data["idx_start"][leaf] : data["idx_end"][leaf]]] = number
    low, high = (ends_of_boxes if len(bounds) == 2 else ends_of_balls)(nodes, bounds, data["radius"], metric, x)
    limit = nodes.constant(radius)
    beyond = nodes.cast(nodes.add("Greater", [low, limit]), TensorProto.DOUBLE)
    within = nodes.cast(nodes.add("LessOrEqual", [high, limit]), TensorProto.DOUBLE)
    # -1 if it is beyond, whatever else it is.
    own = nodes.add("Sub", [within, nodes.add("Mul", [beyond, nodes.add("Add", [within, nodes.constant(1.0)])])])
    found = ""
    for level in paths(leaves).T:
        here = nodes.pick(own, level)
        if found:
            here = nodes.add("Where", [nodes.cast(found, TensorProto.BOOL), found, here])
        found = here
    return nodes.pick(nodes.add("Mul", [found, nodes.constant(value)]), leaf_of)


def paths(leaves: NDArray[np.int64]) -> NDArray[np.int64]:
    """The nodes from the root to each leaf, `[L, levels]`; a leaf stands for what is below it."""
    found = [leaves]
    while found[0].any():
        above = found[0]
        deepest = int(above.max() + 1).bit_length()
        is_deepest = np.array([int(node + 1).bit_length() == deepest for node in above])
        found.insert(0, np.where(is_deepest, (above - 1) // 2, above))
    return np.stack(found, axis=1)


def beside_boxes(nodes: Nodes, bounds: Any, x: str) -> tuple[str, str]:
    """How far rows are below the low and above the high end of boxes, `[F, R, nodes]` both; within, less than zero."""
    low, high = (nodes.constant(np.ascontiguousarray(bound.T)[:, np.newaxis]) for bound in bounds)  # [F, 1, nodes]
    turned = nodes.add("Transpose", [x], perm=[1, 0])
    columns = nodes.add("Unsqueeze", [turned, nodes.constant(np.array([2]))])  # [F, R, 1]
    return nodes.add("Sub", [low, columns]), nodes.add("Sub", [columns, high])


def of_boxes(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> str:
    """How near the points in a node of a k-d tree may be, `[R, nodes]`, reduced."""
    twice = [nodes.add("Add", [away, nodes.add("Abs", [away])]) for away in beside_boxes(nodes, bounds, x)]
    half = nodes.add("Mul", [nodes.add("Add", twice), nodes.constant(0.5)])
    return metric.joined(nodes, power(nodes, half, metric.power, len(radius)))


def ends_of_boxes(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> tuple[str, str]:
    """How near and how far they may be, not reduced."""
    away = nodes.add("Max", [nodes.add("Abs", [side]) for side in beside_boxes(nodes, bounds, x)])
    farthest = metric.joined(nodes, power(nodes, away, metric.power, len(radius)))
    nearest = of_boxes(nodes, bounds, radius, metric, x)
    low, high = (
        power(nodes, end, 1 / metric.power if np.isfinite(metric.power) else 1, len(radius))
        for end in (nearest, farthest)
    )
    return low, high


def of_balls(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> str:
    """The same of a ball tree; not reduced, which leaves the order as it is."""
    return ends_of_balls(nodes, bounds, radius, metric, x)[0]


def ends_of_balls(nodes: Nodes, bounds: Any, radius: Any, metric: Metric, x: str) -> tuple[str, str]:
    """How near and how far the points in a node of a ball tree may be, not reduced."""
    distance = metric.distance(nodes, metric.reduced(nodes, x, np.ascontiguousarray(bounds[0])))
    sizes = nodes.constant(np.asarray(radius)[np.newaxis])
    beyond = nodes.add("Max", [nodes.add("Sub", [distance, sizes]), nodes.constant(0.0)])
    return beyond, nodes.add("Add", [distance, sizes])
