"""Moments and durations as what they are in the graph: whole numbers of a unit.

They are int64 `[N, 1]`, counted in a unit (`D`, `s`, `ms`, `us`, `ns`); `NAT` stands where there is none, a gap.
"""

import numpy as np
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY, NAT


class Whole:
    """Int64 arithmetic with constants."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    def constant(self, value: int) -> str:
        """A constant."""
        return self.nodes.constant(np.int64(value))

    def plus(self, x: str, value: int) -> str:
        """`x + value`."""
        return self.nodes.add("Add", [x, self.constant(value)]) if value else x

    def times(self, x: str, value: int) -> str:
        """`x * value`."""
        return self.nodes.add("Mul", [x, self.constant(value)]) if value != 1 else x

    def minus(self, x: str, y: str) -> str:
        """`x - y`."""
        return self.nodes.add("Sub", [x, y])

    def over(self, x: str, value: int) -> str:
        """`x // value` of what is not below zero."""
        return self.nodes.add("Div", [x, self.constant(value)]) if value != 1 else x

    def floor(self, x: str, value: int) -> str:
        """`x // value`; ONNX rounds towards zero."""
        if value == 1:
            return x
        found = self.over(x, value)
        rest = self.minus(x, self.times(found, value))
        below = self.nodes.add("Less", [rest, self.constant(0)])
        return self.minus(found, self.nodes.cast(below, TensorProto.INT64))

    def rest(self, x: str, value: int) -> str:
        """`x % value`, not below zero."""
        return self.nodes.add("Mod", [x, self.constant(value)])

    def when(self, test: str, yes: str, no: str) -> str:
        """One or the other."""
        return self.nodes.add("Where", [test, yes, no])


def is_gap(nodes: Nodes, x: str) -> str:
    """Where there is no moment, bool."""
    return nodes.add("Equal", [x, nodes.constant(np.int64(NAT))])


def with_gaps(nodes: Nodes, x: str, made: str) -> str:
    """What was made of moments as float64; NaN where there is none."""
    number = nodes.cast(made, TensorProto.DOUBLE)
    return nodes.add("Where", [is_gap(nodes, x), nodes.constant(np.float64(np.nan)), number])


def in_unit(nodes: Nodes, x: str, unit: str, wanted: str) -> str:
    """Moments or durations in another unit, rounded down as NumPy does; a gap stays one."""
    if unit == wanted:
        return x
    whole, old, new = Whole(nodes), DAY[unit], DAY[wanted]
    made = whole.times(x, new // old) if new > old else whole.floor(x, old // new)
    return whole.when(is_gap(nodes, x), x, made)
