"""Strings as numbers, and numbers in a row that move together where some are taken out."""

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto, numpy_helper

from alpenglow._export.graph.nodes import ML5, Nodes, strings

NONE = -1  # the number of what has none
DROPPED = -2  # that of what is taken out


def numbered(nodes: Nodes, parts: str, numbers: Mapping[str, int], otherwise: int = NONE) -> str:
    """The number of each string `[N, T]`, int64 `[N, T]`; another one if it has none."""
    return nodes.add(
        "LabelEncoder",
        [parts],
        op_domain=ML5,
        op_version=1,
        keys_tensor=strings(list(numbers)),
        values_tensor=numpy_helper.from_array(np.array(list(numbers.values()), np.int64)),
        default_tensor=numpy_helper.from_array(np.array([otherwise], np.int64)),
    )


def compacted(nodes: Nodes, coded: str) -> str:
    """Numbers `[N, T]` without those that are `DROPPED`: the others move to the left, `NONE` comes behind them."""
    kept = nodes.add("Not", [nodes.add("Equal", [coded, nodes.constant(np.int64(DROPPED))])])
    one, end = nodes.constant(np.array([1])), nodes.constant(np.array([-1]))
    order = nodes.add("CumSum", [nodes.cast(kept, TensorProto.INT64), nodes.constant(np.int64(1))])
    size = nodes.add("Shape", [bordered(nodes, coded, 0, 1)])
    empty = nodes.add("ConstantOfShape", [size], value=numpy_helper.from_array(np.array([NONE], np.int64)))
    # What is dropped goes to one more place, which is cut off again.
    last = nodes.add("Shape", [coded], start=1, end=2)
    places = nodes.add("Where", [kept, nodes.add("Sub", [order, one]), last])
    moved = nodes.add("ScatterElements", [empty, places, coded], axis=1)
    return nodes.add("Slice", [moved, nodes.constant(np.array([0])), end, one])


def bordered(nodes: Nodes, coded: str, before: int, after: int, number: int = NONE) -> str:
    """Numbers `[N, T]` with a number more at their beginning and end, so many times."""
    return nodes.add("Pad", [coded, nodes.constant(np.array([0, before, 0, after])), nodes.constant(np.int64(number))])


def neighbours(nodes: Nodes, around: str) -> list[str]:
    """Of what has a border at both ends, `[N, T + 2]`: what is before, at and behind each of `[N, T]`."""
    one = nodes.constant(np.array([1]))
    ends = [(0, -2), (1, -1), (2, 2**62)]
    return [
        nodes.add("Slice", [around, nodes.constant(np.array([start])), nodes.constant(np.array([end])), one])
        for start, end in ends
    ]


def places(nodes: Nodes, x: str) -> str:
    """0, 1, 2 and so on, `[T]`, for the columns of `[N, T]`."""
    width = nodes.add("Squeeze", [nodes.add("Shape", [x], start=1, end=2)])
    return nodes.add("Range", [nodes.constant(np.int64(0)), width, nodes.constant(np.int64(1))])


def taken(nodes: Nodes, parts: str, at: str) -> str:
    """The strings of `[N, T]` at some places `[N, K]`; nothing for `NONE`."""
    padded = nodes.add("Concat", [nothing(nodes, parts), parts], axis=1)
    return nodes.add("GatherElements", [padded, nodes.add("Add", [at, nodes.constant(np.int64(1))])], axis=1)


def nothing(nodes: Nodes, parts: str, count: int = 1) -> str:
    """As many empty strings `[N, count]` as `[N, T]` has rows."""
    rows = nodes.add("Shape", [parts], start=0, end=1)
    shape = nodes.add("Concat", [rows, nodes.constant(np.array([count]))], axis=0)
    return nodes.add("Expand", [nodes.constant(np.array("", object)), shape])
