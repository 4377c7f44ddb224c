"""Sums in the order in which NumPy adds, so that every bit is the same."""

import numpy as np

from alpenglow._export.graph.nodes import Nodes

# NumPy adds up to this many numbers in eight strands, more of them by halves.
MOST_IN_STRANDS = 128


def pairwise_sum(nodes: Nodes, x: str, count: int) -> str:
    """The sum `[N, K]` over the first axis of `[count, N, K]`, as `numpy.sum` over a last axis that lies in one piece.

    Fewer than eight numbers are added one after the other, more in eight strands which are then added by pairs.
    """
    if count < 8:
        return nodes.ordered_sum(x)
    if count > MOST_IN_STRANDS:
        half = count // 2 - count // 2 % 8
        parts = [(0, half), (half, count)]
        return nodes.add("Add", [pairwise_sum(nodes, part(nodes, x, *ends), ends[1] - ends[0]) for ends in parts])
    even = count - count % 8
    strands = part(nodes, x, 0, even)
    for shape in ([even // 8, 8], [4, 2], [2, 2], [1, 2]):
        # The first round adds along the strands, the others two neighbouring strands each.
        axis = 0 if shape[1] == 8 else 1
        split = nodes.add(
            "Reshape", [strands, nodes.add("Concat", [nodes.constant(np.array(shape)), tail(nodes, x)], axis=0)]
        )
        strands = nodes.add("ReduceSum", [split, nodes.constant(np.array([axis]))], keepdims=0)
    if even == count:
        return nodes.add("Squeeze", [strands, nodes.constant(np.array([0]))])
    return nodes.ordered_sum(nodes.add("Concat", [strands, part(nodes, x, even, count)], axis=0))


def part(nodes: Nodes, x: str, start: int, end: int) -> str:
    """Some of the first axis."""
    return nodes.add("Gather", [x, nodes.constant(np.arange(start, end))], axis=0)


def tail(nodes: Nodes, x: str) -> str:
    """The shape `[N, K]` of `[count, N, K]`."""
    return nodes.add("Shape", [x], start=1)


def pairwise_mean(nodes: Nodes, x: str, count: int) -> str:
    """The mean, in the same order."""
    return nodes.add("Div", [pairwise_sum(nodes, x, count), nodes.constant(float(count))])
