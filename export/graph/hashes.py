"""Rows with very many columns, most of them zero: what hashing makes of texts. The graph has the other columns alone.

What takes such rows asks for what it needs: their product with a matrix, a number for each of their columns, or some of
the columns. All else gets the whole rows, as long as these are not too wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from skl2onnx.common.data_types import TensorType

from alpenglow._export.graph.nodes import ML5, Inputs, Nodes

MOST_COLUMNS = 2**14  # of whole rows: those of a request for 1,000 take 131 MB
SOME = 101  # rows of a table that tell which one is frequent


@dataclass(frozen=True)
class Hashes:
    """Takes the place of a variable of skl2onnx's.

    Attributes:
        nodes: The graph.
        columns: int64 `[N, K]`, ascending in each row; behind the last the number of all columns.
        values: float64 `[N, K]`; 0.0 behind the last.
        type: That of a sparse tensor `[N, width]`.
    """

    nodes: Nodes
    columns: str
    values: str
    type: Any

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self.type.shape[1])

    @cached_property
    def full_name(self) -> str:
        """The whole rows, `[N, width]`.

        Raises:
            NotImplementedError: They are too wide.
        """
        if self.width > MOST_COLUMNS:
            raise NotImplementedError(
                f"it needs all of the {self.width:,} columns that texts are hashed to, too many for a graph: "
                f"give the hashing step n_features={MOST_COLUMNS} or less"
            )
        return self.chosen(np.arange(self.width))

    def with_values(self, values: str) -> "Hashes":
        """The same columns with other values."""
        return Hashes(self.nodes, self.columns, values, self.type)

    def chosen(self, columns: Sequence[int] | NDArray[np.int64]) -> str:
        """Some of the columns as a tensor `[N, C]`."""
        add, constant = self.nodes.add, self.nodes.constant
        place = self.columns
        if len(columns) < self.width:
            place = self.numbered(
                dict(zip(np.asarray(columns).tolist(), range(len(columns)), strict=True)), len(columns)
            )
        rows = add("Shape", [self.columns], start=0, end=1)
        size = add("Concat", [rows, constant(np.array([len(columns) + 1]))], axis=0)
        zeros = add("ConstantOfShape", [size], value=numpy_helper.from_array(np.array([0.0])))
        # All others go to one more column, which is cut off.
        full = add("ScatterElements", [zeros, place, self.values], axis=1, reduction="add")
        return add("Slice", [full, *(constant(np.array([end])) for end in (0, -1, 1))])

    def looked_up(self, numbers: NDArray[Any]) -> str:
        """Of one number for each column, `[width]`, those of the rows' own columns, `[N, K]`."""
        found = self.rows_of(np.asarray(numbers, np.float64)[:, np.newaxis], self.columns)
        return self.nodes.add("Squeeze", [found, self.nodes.constant(np.array([2]))])

    def times(self, matrix: NDArray[np.float64]) -> str:
        """The product with a matrix `[width, C]`, `[N, C]`, added from the first column to the last."""
        turned = [self.nodes.add("Transpose", [x], perm=[1, 0]) for x in (self.columns, self.values)]
        weights = self.rows_of(matrix, turned[0])  # [K, N, C]
        column = self.nodes.add("Unsqueeze", [turned[1], self.nodes.constant(np.array([2]))])
        return self.nodes.ordered_sum(self.nodes.add("Mul", [column, weights]))

    def rows_of(self, matrix: NDArray[np.float64], columns: str) -> str:
        """The rows of a matrix `[width, C]` for columns of any shape. Those that many columns share are kept once."""
        some = matrix[np.linspace(0, len(matrix) - 1, SOME).astype(np.int64)]
        rows, counts = np.unique(some, axis=0, return_counts=True)
        frequent = rows[counts.argmax()]
        others = np.flatnonzero((matrix != frequent).any(axis=1))
        table = np.concatenate([frequent[np.newaxis], matrix[others]])
        place = self.numbered(dict(zip(others.tolist(), range(1, len(table)), strict=True)), 0, columns)
        return self.nodes.add("Gather", [self.nodes.constant(table), place], axis=0)

    def numbered(self, numbers: dict[int, int], otherwise: int, columns: str | None = None) -> str:
        """The number of each column, another one if it has none."""
        keys, values = (numpy_helper.from_array(np.array(list(part), np.int64)) for part in (numbers, numbers.values()))
        return self.nodes.add(
            "LabelEncoder",
            [columns or self.columns],
            op_domain=ML5,
            op_version=1,
            keys_tensor=keys,
            values_tensor=values,
            default_tensor=numpy_helper.from_array(np.array([otherwise], np.int64)),
        )


def values(nodes: Nodes, inputs: Inputs) -> str:
    """What is in the columns, `[N, K]`, for what treats each for itself and leaves zeros alone; see `with_values`."""
    found: str = inputs[0].values if is_hashed(inputs) else nodes.matrix(inputs)
    return found


def by_column(nodes: Nodes, inputs: Inputs, numbers: Any) -> str:
    """A number for each column, beside `values`."""
    if is_hashed(inputs):
        found: str = inputs[0].looked_up(numbers)
        return found
    return nodes.constant(np.asarray(numbers, np.float64).reshape(1, -1))


def with_values(nodes: Nodes, inputs: Inputs, x: str, kind: type[TensorType]) -> Inputs:
    """The columns with what became of their `values`."""
    if is_hashed(inputs):
        return [inputs[0].with_values(x)]
    return nodes.table(x, sum(variable.type.shape[1] for variable in inputs), kind)


def is_hashed(inputs: Inputs) -> bool:
    """Whether the columns are those of one hashing step, and none beside."""
    return len(inputs) == 1 and isinstance(inputs[0], Hashes)


def gathered(nodes: Nodes, columns: str, values: str, width: int) -> tuple[str, str]:
    """Columns `[N, K]` in ascending order, each once in a row, and the sums of their values.

    Args:
        nodes: The graph.
        columns: int64, one at least; some may be the same.
        values: float64.
        width: The number of all columns, to be behind the last of a row.
    """
    add, constant = nodes.add, nodes.constant
    count = add("Shape", [columns], start=1, end=2)
    ordered, order = nodes.scope.get_unique_variable_name("columns"), nodes.scope.get_unique_variable_name("order")
    nodes.container.add_node(
        "TopK",
        [columns, count],
        [ordered, order],
        name=nodes.scope.get_unique_operator_name("TopK"),
        axis=1,
        largest=0,
        sorted=1,
    )
    values = add("GatherElements", [values, order], axis=1)
    before = add("Slice", [ordered, *(constant(np.array([end])) for end in (0, -1, 1))])
    later = add("Slice", [ordered, *(constant(np.array([end])) for end in (1, 2**62, 1))])
    new = nodes.cast(add("Not", [add("Equal", [before, later])]), TensorProto.INT64)
    # The first of a row begins one, and each that differs from the one before it another.
    place = add("Pad", [add("CumSum", [new, constant(np.int64(1))]), constant(np.array([0, 1, 0, 0]))])
    none = add("Expand", [constant(np.int64(width)), add("Shape", [ordered])])
    distinct = add("ScatterElements", [none, place, ordered], axis=1)
    zeros = add("Mul", [values, constant(0.0)])
    return distinct, add("ScatterElements", [zeros, place, values], axis=1, reduction="add")
