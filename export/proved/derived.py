"""Columns that a graph adds for its trees, each made of one other column: what they are, piece by piece of that one.

The nodes that make them are followed with intervals: a piece of the column's numbers goes in, and what comes out has to
be one value. Pieces end where a constant is passed, and at each whole number that a table has a row for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from alpenglow._export.proved.floats import GREATEST, LEAST, Keys, cuts, keys, numbers
from alpenglow._export.proved.forests import Forest, Sides, UnreadableError

TYPES = {
    TensorProto.DOUBLE: np.float64,
    TensorProto.FLOAT: np.float32,
    TensorProto.INT64: np.int64,
    TensorProto.INT32: np.int32,
}
Both = tuple[NDArray[Any], NDArray[Any]]  # the least and the greatest of each piece

# What they make of the least and the greatest is the least and the greatest of what they make.
RISING: dict[str, Callable[..., NDArray[Any]]] = {
    "And": np.logical_and,
    "Floor": np.floor,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Max": np.maximum,
    "Or": np.logical_or,
}
# They turn the order of a number that is compared with a constant.
FALLING: dict[str, Callable[..., NDArray[Any]]] = {"Less": np.less, "LessOrEqual": np.less_equal, "Not": np.logical_not}


@dataclass(frozen=True, eq=False)
class Column:
    """One such column: the feature that it is made of, the last key of each piece but the last, and its values.

    The last of the values is for NaN.
    """

    feature: int
    ends: Keys
    values: NDArray[np.float64]


def without_derived(
    forest: Forest,
    sees: str,
    width: int,
    producers: Mapping[str, onnx.NodeProto],
    constants: Mapping[str, onnx.TensorProto],
) -> tuple[Forest, str]:
    """The forest with splits by the columns that it is made of in the place of those by columns that a graph adds.

    And the tensor that it sees without these.

    Args:
        forest: Of the graph.
        sees: The tensor that it sees.
        width: How many columns the estimator has, which are the first of those that it sees.
        producers: The node that makes each tensor of the graph.
        constants: The graph's constants.

    Raises:
        UnreadableError: It is not known what the columns are.
    """
    nodes = np.flatnonzero(forest.feature >= width)
    node = producers.get(sees)
    if not len(nodes):
        return forest, sees
    if node is None or node.op_type != "Concat":
        raise UnreadableError("the graph's trees see more columns than the estimator's")
    columns = [
        column for name in node.input[1:] for column in Pieces(node.input[0], producers, constants).columns(name)
    ]
    feature, nan_left, sides = forest.feature.copy(), forest.nan_left.copy(), dict(forest.sides)
    if forest.feature.max() >= width + len(columns):
        raise UnreadableError("the graph's trees see more columns than there are")
    for at in nodes.tolist():
        column = columns[int(forest.feature[at]) - width]
        left = keys(column.values) <= forest.cut[at]
        feature[at], nan_left[at], sides[at] = column.feature, left[-1], Sides(column.ends, left[:-1])
    return replace(forest, feature=feature, nan_left=nan_left, sides=sides), node.input[0]


class Pieces:
    """Follows nodes from one column of a tensor on."""

    def __init__(
        self, base: str, producers: Mapping[str, onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]
    ) -> None:
        self.base, self.producers, self.constants = base, producers, constants

    def columns(self, name: str) -> list[Column]:
        """The columns of a tensor `[N, K]`."""
        features, steps = set[int](), [np.array([LEAST])]
        self.collect(name, features, steps)
        if len(features) != 1:
            raise UnreadableError("the graph's trees see a column that is made of several")
        ends = np.unique(np.concatenate(steps))
        ends = ends[(ends >= LEAST) & (ends < GREATEST)]
        pieces = (numbers(np.r_[LEAST, ends + 1]), numbers(np.r_[ends, GREATEST]))
        found = certain(self.follow(name, (np.r_[pieces[0], np.nan], np.r_[pieces[1], np.nan])))
        values = found.astype(np.float64).reshape(len(ends) + 2, -1)
        return [Column(next(iter(features)), ends, column) for column in values.T]

    def collect(self, name: str, features: set[int], steps: list[Keys]) -> None:
        """Which columns a tensor is made of, and where its pieces end."""
        if name in self.constants:
            constant = numpy_helper.to_array(self.constants[name])
            if constant.ndim == 0 or constant.size == 1:
                steps.append(beside(constant.reshape(-1).astype(np.float64)))
            return
        node = self.node(name)
        if self.picks(node):
            features.add(int(self.constant(node.input[1]).reshape(-1)[0]))
            return
        if node.op_type == "Gather":
            steps.append(beside(np.arange(-1.0, len(self.constant(node.input[0])) + 1)))
        for source in node.input:
            self.collect(source, features, steps)

    def picks(self, node: onnx.NodeProto) -> bool:
        """Whether a node takes one column of the tensor."""
        one = node.op_type == "Gather" and node.input[0] == self.base and node.input[1] in self.constants
        axis = {attribute.name: attribute.i for attribute in node.attribute}.get("axis", 0)
        return one and axis == 1 and self.constant(node.input[1]).size == 1

    def node(self, name: str) -> onnx.NodeProto:
        """What makes a tensor."""
        if name not in self.producers or name == self.base:
            raise UnreadableError("the graph's trees see a column of which it is not known what it is made of")
        return self.producers[name]

    def constant(self, name: str) -> NDArray[Any]:
        """A constant of the graph."""
        if name not in self.constants:
            raise UnreadableError("the graph's trees see a column of which it is not known what it is made of")
        return numpy_helper.to_array(self.constants[name])

    def follow(self, name: str, column: Both) -> Both:
        """What a tensor is for pieces of the column."""
        if name in self.constants:
            value = self.constant(name)
            return value, value
        node = self.node(name)
        if self.picks(node):
            return column
        if node.op_type == "Gather":
            return self.looked_up(node, column)
        return made(node, [self.follow(source, column) for source in node.input])

    def looked_up(self, node: onnx.NodeProto, column: Both) -> Both:
        """Rows of a table."""
        rows, table = certain(self.follow(node.input[1], column)), self.constant(node.input[0])
        if rows.dtype.kind != "i" or ((rows < -len(table)) | (rows >= len(table))).any():
            raise UnreadableError("the graph looks up a row that its table lacks")
        return table[rows], table[rows]


def made(node: onnx.NodeProto, given: list[Both]) -> Both:
    """What a node makes of pieces."""
    if node.op_type == "Where":
        test = certain(given[0])
        return np.where(test, given[1][0], given[2][0]), np.where(test, given[1][1], given[2][1])
    if node.op_type == "IsNaN":  # a piece is all numbers, or NaN
        return np.isnan(given[0][0]), np.isnan(given[0][1])
    if node.op_type == "Cast" and (dtype := TYPES.get(next(a.i for a in node.attribute if a.name == "to"))):
        with np.errstate(over="ignore"):  # beyond float32 is infinity
            return given[0][0].astype(dtype), given[0][1].astype(dtype)
    if node.op_type in RISING and (not node.op_type.startswith("Greater") or fixed(given[1])):
        rising = RISING[node.op_type]
        return rising(*(one[0] for one in given)), rising(*(one[1] for one in given))
    if node.op_type in FALLING and all(map(fixed, given[1:])):
        falling = FALLING[node.op_type]
        return falling(*(one[1] for one in given)), falling(*(one[0] for one in given))
    raise UnreadableError(f"the graph's trees see a column that is made by {node.op_type}")


def fixed(both: Both) -> bool:
    """Whether it is the same for all pieces."""
    return both[0] is both[1]


def certain(both: Both) -> NDArray[Any]:
    """The one value of each piece.

    Raises:
        UnreadableError: A piece has several.
    """
    if not np.array_equal(both[0], both[1]):
        raise UnreadableError("the graph's trees see a column that is no table of another")
    return both[0]


def beside(values: NDArray[np.float64]) -> Keys:
    """Where pieces end so that each of these numbers is one of its own, and what is one of them as float32, too."""
    values = values[np.isfinite(values)] + 0.0
    narrow = [cuts(values, strict=strict, narrow=True) for strict in (True, False)]
    return np.concatenate([keys(np.nextafter(values, -np.inf)), keys(values), *narrow])
