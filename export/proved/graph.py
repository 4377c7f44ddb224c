"""The sums of trees in a finished graph: its nodes are followed from each `TreeEnsemble` on, as far as they add up.

Tensors that hold values of leaves are arrays of cells, each the trees and columns that are added for it. Their axis of
rows has length 1, so that the shapes of ONNX's operators can be followed with NumPy's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from alpenglow._export.proved.ensembles import read
from alpenglow._export.proved.forests import Forest, Sums, UnreadableError, joined

FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE}
WHOLE = {TensorProto.INT32, TensorProto.INT64}
Term = tuple[int, int]  # a tree, and a column of its leaves' values


@dataclass(frozen=True)
class Cell:
    """What is added up for one element, in order; `dtype` is what in."""

    terms: tuple[Term, ...]
    dtype: type


@dataclass(frozen=True, eq=False)
class Grid:
    """A tensor of leaves' values: numbers of cells, 1 along the axis of rows.

    `table` is the constant whose rows the leaves' own values are numbers of, if there is one.
    """

    cells: NDArray[np.int64]
    axis: int
    table: str | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """Sums in the graph, and the tensor that their trees see, before any cast to float32."""

    sums: Sums
    sees: str


class Reader:
    """Follows the trees through a graph.

    `found` are the sums, and `unreadable` says of `TreeEnsemble` nodes why they are not among them.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self.inputs = [given.name for given in model.graph.input]
        self.producers = {name: node for node in model.graph.node for name in node.output}
        self.forests: list[Forest] = []
        self.origin: list[str] = []  # of each tree what it sees
        self.part: list[int] = []  # of each tree which of the forests it is in
        self.pool: list[Cell] = []
        self.grids: dict[str, Grid] = {}
        self.unreadable: list[str] = []
        ends: dict[str, Grid] = {}
        for node in model.graph.node:
            try:
                made = self.follow(node)
            except UnreadableError as error:
                made = None
                self.unreadable.append(str(error))
            if made is None:
                ends |= {name: self.grids[name] for name in node.input if name in self.grids}
            else:
                self.grids[node.output[0]] = made
        ends |= {output.name: self.grids[output.name] for output in model.graph.output if output.name in self.grids}
        self.found = [sums for grid in ends.values() if (sums := self.sums(grid))]

    def follow(self, node: onnx.NodeProto) -> Grid | None:
        """What the node makes of leaves' values; None where it does anything but move or add them."""
        if node.op_type == "TreeEnsemble":
            return self.ensemble(node)
        given = [self.grids.get(name) for name in node.input]
        steps: dict[str, Callable[..., Grid | None]] = {
            "Cast": self.cast,
            "Concat": self.concat,
            "Gather": self.gather,
            "ReduceSum": self.add_up,
            "Reshape": self.reshape,
            "Transpose": self.transpose,
        }
        step = steps.get(node.op_type)
        if step is None or not any(given):
            return None
        return step(node, given, {a.name: helper.get_attribute_value(a) for a in node.attribute})

    def constant(self, name: str) -> NDArray[Any] | None:
        """A constant of the graph."""
        return numpy_helper.to_array(self.constants[name]) if name in self.constants else None

    def ensemble(self, node: onnx.NodeProto) -> Grid:
        """`[N, width]`."""
        sees, narrow = self.before_casts(node.input[0])
        found = read(node, narrow=narrow)
        first = sum(len(forest.roots) for forest in self.forests)
        self.forests.append(found.forest)
        self.origin += [sees] * len(found.target)
        self.part += [len(self.forests) - 1] * len(found.target)
        order = [np.flatnonzero(found.target == k) + first for k in range(found.width)]
        return self.grid([tuple((tree, 0) for tree in trees.tolist()) for trees in order], found.dtype, (1, -1), 0)

    def before_casts(self, name: str) -> tuple[str, bool]:
        """What is cast to get a tensor, and whether to float32 on the way."""
        narrow = False
        while (node := self.producers.get(name)) is not None and node.op_type == "Cast":
            to = next(attribute.i for attribute in node.attribute if attribute.name == "to")
            if to not in FLOATS:
                break
            name, narrow = node.input[0], narrow or to == TensorProto.FLOAT
        return name, narrow

    def grid(
        self, terms: Sequence[tuple[Term, ...]], dtype: type, shape: Sequence[int], axis: int, table: str | None = None
    ) -> Grid:
        """New cells in a shape."""
        first = len(self.pool)
        self.pool += [Cell(each, dtype) for each in terms]
        return Grid(np.arange(first, len(self.pool)).reshape(shape), axis, table)

    def trees_of(self, grid: Grid) -> list[Term]:
        """The one term of each cell.

        Raises:
            UnreadableError: Several are added already.
        """
        cells = [self.pool[cell].terms for cell in grid.cells.ravel().tolist()]
        if any(len(terms) != 1 for terms in cells):
            raise UnreadableError("the graph adds sums of trees to each other")
        return [terms[0] for terms in cells]

    def cast(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """To a wider type; or to integers, of leaves that hold nothing else."""
        grid = given[0]
        assert grid  # noqa: S101 - it is the only input
        narrow = {self.pool[cell].dtype for cell in grid.cells.ravel().tolist()} == {np.float32}
        if to["to"] == TensorProto.DOUBLE or (to["to"] == TensorProto.FLOAT and narrow):
            return grid
        if to["to"] in WHOLE and grid.table is None and all(map(counts, self.parts(self.trees_of(grid)))):
            return grid
        return None

    def parts(self, terms: Sequence[Term]) -> set[Forest]:
        """The forests that trees are in, each once."""
        return {self.forests[self.part[tree]] for tree, _ in terms}

    def concat(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """Beside each other, if all of them are of trees and it is not rows that are put together."""
        grids = [grid for grid in given if grid]
        first = grids[0]
        axis = to["axis"] % first.cells.ndim
        alike = all(
            (grid.axis, grid.table, grid.cells.ndim) == (first.axis, first.table, first.cells.ndim) for grid in grids
        )
        if len(grids) < len(given) or axis == first.axis or not alike:
            return None
        return replace(first, cells=np.concatenate([grid.cells for grid in grids], axis=axis))

    def transpose(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """The axes in another order."""
        grid = given[0]
        assert grid  # noqa: S101 - it is the only input
        order = list(to.get("perm", range(grid.cells.ndim)[::-1]))
        return replace(grid, cells=grid.cells.transpose(order), axis=order.index(grid.axis))

    def reshape(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """Another shape in which the rows stay on an axis of their own, with as much after each of them as before."""
        grid, shape = given[0], self.constant(node.input[1])
        if not grid or shape is None or (shape == -1).sum() != 1 or (shape == 0).any():
            return None
        axis = int(np.flatnonzero(shape == -1)[0])
        after = np.prod(grid.cells.shape[grid.axis + 1 :], dtype=int)
        sizes = np.where(shape == -1, 1, shape)
        if sizes.prod() != grid.cells.size or after != np.prod(shape[axis + 1 :], dtype=int):
            return None
        return replace(grid, cells=grid.cells.reshape(sizes), axis=axis)

    def gather(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """The rows of a table that the leaves' values are the numbers of."""
        grid, table = given[1], self.constant(node.input[0])
        if not grid or table is None or to.get("axis", 0) != 0 or table.ndim != 2 or table.dtype.kind != "f":
            return None
        if grid.table is not None:
            return None
        trees = self.trees_of(grid)
        if any(not counts(forest) or forest.value.max() >= len(table) for forest in self.parts(trees)):
            raise UnreadableError("a leaf of the graph is the number of a row that its table lacks")
        width = table.shape[1]
        terms = [((tree, k),) for tree, _ in trees for k in range(width)]
        return self.grid(terms, table.dtype.type, (*grid.cells.shape, width), grid.axis, node.input[0])

    def add_up(self, node: onnx.NodeProto, given: list[Grid | None], to: dict[str, Any]) -> Grid | None:
        """The sums over the outermost axis, which ONNX Runtime adds in order."""
        grid, axes = given[0], self.constant(node.input[1]) if len(node.input) > 1 else None
        if not grid or axes is None or axes.tolist() != [0] or grid.axis == 0 or to.get("keepdims", 1):
            return None
        terms = self.trees_of(grid)
        by_cell = np.arange(len(terms)).reshape(len(grid.cells), -1).T
        sums = [tuple(terms[i] for i in column) for column in by_cell.tolist()]
        dtype = self.pool[int(grid.cells.flat[0])].dtype
        return self.grid(sums, dtype, grid.cells.shape[1:], grid.axis - 1, grid.table)

    def sums(self, grid: Grid) -> Found | None:
        """What a tensor holds that no node adds to any more."""
        cells = [self.pool[cell] for cell in np.moveaxis(grid.cells, grid.axis, 0).ravel().tolist()]
        shape = [size for axis, size in enumerate(grid.cells.shape) if axis != grid.axis]
        terms = [cell.terms for cell in cells]
        several = any(len(each) != 1 for each in terms)
        if len(shape) == 2 and not several:  # values side by side, which something else adds up
            terms = [tuple(each[0] for each in terms[k :: shape[1]]) for k in range(shape[1])]
        elif len(shape) > 1:
            return None
        trees = sorted({tree for each in terms for tree, _ in each})
        seen = {self.origin[tree] for tree in trees}
        if not trees or len(seen) > 1:
            return None
        parts = sorted({self.part[tree] for tree in trees})
        among = [tree for tree, part in enumerate(self.part) if part in parts]
        number = dict(zip(among, range(len(among)), strict=True))
        forest = joined([self.forests[part] for part in parts])
        if grid.table is not None:
            rows = forest.value[:, 0].astype(np.int64)
            forest = replace(forest, value=numpy_helper.to_array(self.constants[grid.table])[rows].astype(np.float64))
        arrays = [np.array([(number[tree], k) for tree, k in each], np.int64).reshape(-1, 2) for each in terms]
        return Found(Sums(forest, arrays, cells[0].dtype if several else None), seen.pop())


def counts(forest: Forest) -> bool:
    """Whether the leaves hold whole numbers from zero on."""
    return bool(((forest.value >= 0) & (forest.value < 2**31) & (forest.value == np.floor(forest.value))).all())
