"""Stand-ins for arrays of NumPy's: a tensor of the graph, and what NumPy makes of some example rows.

What NumPy makes of the example tells the type and the shape; no rule of NumPy's is written down again here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from functools import partial
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.counts import in_unit
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.text import as_text
from alpenglow._export.graph.times import DAY
from alpenglow._export.tracing.refusals import UntraceableError

Build = Callable[[Nodes], str]
TEXT = "OUT"  # NumPy's kinds of text
TIME = "mM"  # of durations and moments
ONE_BY_ONE = "it looks at the values of single rows: compute on whole columns"


@dataclass(frozen=True, eq=False)
class Border:
    """Numbers `[R, K]` that are compared with values `[E, K]`, and whether the graph has them to rounding only."""

    seen: NDArray[np.float64]
    values: NDArray[np.float64]
    rounded: bool


@dataclass(frozen=True, eq=False)
class Table:
    """What an array can hold at all, where it follows from a few whole numbers: NumPy says what becomes of each.

    So it is exact, whatever is computed, and on every processor.

    Attributes:
        source: What the whole numbers are of; the same object for all that follows from them alone.
        index: The tensor `[N, 1]` of places among the values, int64.
        values: `[V]`, the last for a missing one.
    """

    source: object
    index: str
    values: NDArray[Any]

    def of(self, values: NDArray[Any]) -> "Table":
        """Other values at the same places."""
        return Table(self.source, self.index, values)

    def look_up(self, nodes: Nodes) -> str:
        """The tensor of values."""
        return nodes.add("Gather", [nodes.constant(self.values), self.index])


class Operations(NamedTuple):
    """What can be recorded: ufuncs, powers, functions that take arrays, methods of arrays by name."""

    ufunc: Callable[["Trace", np.ufunc, Sequence[Any]], Any]
    power: Callable[["Array", Any], Any]
    function: Callable[["Trace", Any, Sequence[Any], Mapping[str, Any]], Any]
    methods: Mapping[str, Callable[..., Any]]


@dataclass
class Trace:
    """One run of a function.

    Attributes:
        nodes: The graph; None where only the borders are wanted.
        rows: How many rows the example has.
        operations: What can be recorded.
        borders: What was compared with what.
        rounded: Whether something was computed that NumPy and ONNX Runtime round each in its own way.
        refused: What could not be recorded, should the function catch it.
        read: The texts that it made moments of, where only the borders are wanted.
    """

    nodes: Nodes | None
    rows: int
    operations: Operations
    borders: list[Border] = field(default_factory=list)
    rounded: bool = False
    refused: list[UntraceableError] = field(default_factory=list)
    read: list["pd.Series[Any]"] = field(default_factory=list)

    def refuse(self, reason: str) -> NoReturn:
        """Stop."""
        self.refused.append(UntraceableError(reason))
        raise self.refused[-1]

    def tabulated(self, example: Any, table: Table) -> "Array":
        """A new array of what a table has."""
        made = self.record(example, table.look_up)
        made.table = table
        return made

    def record(self, example: Any, build: Build, *sources: "Operand", rounded: bool = False) -> "Array":
        """A new array: what NumPy makes of the example, and the nodes that make it of any rows."""
        example = np.asarray(example)
        if example.ndim not in (1, 2) or len(example) != self.rows:
            self.refuse(
                f"it makes an array of shape {example.shape} of {self.rows} rows: a graph keeps rows as they are"
            )
        self.type_of(example.dtype)
        tensor = build(self.nodes) if self.nodes else ""
        self.rounded |= rounded
        return Array(self, example, tensor, rounded or any(source.rounded for source in sources))

    def operand(self, value: Any) -> "Operand":
        """What takes part in an operation: a stand-in, or a constant.

        Raises:
            UntraceableError: It is another value for each row.
        """
        value = unwrapped(value)
        if type(value) is Array:
            return value
        value = in_numpy(value) if isinstance(value, date | timedelta) else value
        found = np.asarray(value)
        if found.dtype.kind not in "biuf" + TEXT + TIME:
            self.refuse(f"it computes with a constant of type {found.dtype}")
        if self.nodes and found.ndim and len(found) == self.rows:
            if any(not same(row, found[0]) for row in found):
                self.refuse("it computes with an array that has another value for each row and does not come from them")
            found = found[:1]
        return Constant(value, found.reshape(1, -1) if found.ndim else found)

    def type_of(self, dtype: np.dtype[Any]) -> int:
        """The type of a tensor for a type of NumPy's."""
        if dtype.kind in TEXT:
            return int(TensorProto.STRING)
        if dtype.kind in TIME and np.datetime_data(dtype)[0] in DAY:
            return int(TensorProto.INT64)
        if dtype.name not in TYPES:
            self.refuse(f"it makes an array of {dtype}; a graph has float64, float32, int64, bool and text")
        return TYPES[dtype.name]


TYPES: dict[str, int] = {
    "bool": TensorProto.BOOL,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "int64": TensorProto.INT64,
}


def in_numpy(value: Any) -> Any:
    """A moment or a duration of Python's or pandas' as NumPy has it, in UTC if it has a zone."""
    if isinstance(value, date | timedelta) and not hasattr(value, "to_numpy"):
        zoned = getattr(value, "tzinfo", None)
        value = value.astimezone(UTC).replace(tzinfo=None) if zoned else value  # type: ignore[union-attr]
        return np.timedelta64(value) if isinstance(value, timedelta) else np.datetime64(value)
    return value.to_numpy()


def unwrapped(value: Any) -> Any:
    """The stand-in that a series or a column of pandas' holds; anything else as it is."""
    while type(value) is not Array and hasattr(value, "array") and not isinstance(value, np.ndarray):
        value = value.array
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two rows are, NaN included."""
    pairs = zip(np.ravel(one), np.ravel(other), strict=True)
    return all(a is b or a == b or (isinstance(a, float) and np.isnan(a) and np.isnan(b)) for a, b in pairs)


@dataclass(frozen=True, eq=False)
class Constant:
    """A value that is the same for all rows: as the function has it, and as a scalar or a row `[1, K]`."""

    example: Any
    row: NDArray[Any]
    rounded: bool = False

    def tensor_in(self, nodes: Nodes, dtype: np.dtype[Any]) -> str:
        """A tensor of a type."""
        if dtype.kind in "UT":
            return nodes.constant(self.row.astype(str).astype(object))
        if dtype.kind in TIME:
            return nodes.constant(self.row.astype(dtype).view(np.int64))
        if dtype.kind == "O":
            return nodes.constant(np.array([as_text(v) for v in self.row.ravel()], object).reshape(self.row.shape))
        return nodes.constant(self.row.astype(dtype))


class Array(NDArrayOperatorsMixin):
    """A stand-in for an array `[N]` or `[N, K]`.

    Attributes:
        trace: The run that it belongs to.
        example: What NumPy makes of the example's rows.
        tensor: The tensor, `[N, K]`; `[N, 1]` for an array `[N]`.
        rounded: Whether it is NumPy's to rounding only.
        table: What it can hold, if that is known.
    """

    __slots__ = ("example", "rounded", "table", "tensor", "trace")
    __class__ = property(lambda self: np.ndarray)  # functions ask isinstance(X, np.ndarray)

    def __init__(self, trace: Trace, example: NDArray[Any], tensor: str, rounded: bool) -> None:
        self.trace, self.example, self.tensor, self.rounded = trace, example, tensor, rounded
        self.table: Table | None = None

    def tensor_in(self, nodes: Nodes, dtype: np.dtype[Any]) -> str:
        """The tensor in a type."""
        if self.is_time and dtype.kind in TIME:
            units = [str(np.datetime_data(one)[0]) for one in (self.example.dtype, dtype)]
            return in_unit(nodes, self.tensor, *units)
        to = self.trace.type_of(dtype)
        if to == self.trace.type_of(self.example.dtype) and dtype.kind not in TIME:
            return self.tensor
        if self.is_time and dtype.kind == "f":
            self.trace.refuse("it makes floating-point numbers of dates: what .dt has can be recorded")
        if to == TensorProto.STRING or self.is_text or dtype.kind in TIME:
            self.trace.refuse(f"it turns {self.example.dtype} into {dtype}")
        return nodes.cast(self.tensor, to)

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.example.dtype.kind in TEXT

    @property
    def is_time(self) -> bool:
        """Whether it holds moments or durations."""
        return self.example.dtype.kind in TIME

    @property
    def width(self) -> int:
        """How many columns its tensor has."""
        return 1 if self.ndim == 1 else self.example.shape[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """As NumPy has it; of so many rows as the example has."""
        return self.example.shape

    @property
    def ndim(self) -> int:
        """One or two."""
        return self.example.ndim

    @property
    def size(self) -> int:
        """How many values the example has."""
        return self.example.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it holds."""
        return self.example.dtype

    def __len__(self) -> int:
        return len(self.example)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return called(self.trace, ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
        return self.trace.operations.function(self.trace, function, args, options)

    def __pow__(self, exponent: Any) -> Any:
        return self.trace.operations.power(self, exponent)

    def __getitem__(self, item: Any) -> "Array":
        places = item if isinstance(item, tuple) else (item,)
        rows, columns = (places[0], places[1:])
        if not (rows is Ellipsis or (isinstance(rows, slice) and rows == slice(None))) or len(columns) > 1:
            self.trace.refuse(f"it takes some of the rows: {ONE_BY_ONE}, with numpy.where(condition, a, b)")
        example = self.example[item]
        if not columns or columns[0] is None:
            return self.like(example)
        kept = np.atleast_1d(np.arange(self.width)[columns[0]])
        return self.trace.record(example, lambda nodes: nodes.pick(self.tensor, kept), self)

    def like(self, example: NDArray[Any]) -> "Array":
        """The same tensor in another shape."""
        return self.trace.record(example, lambda nodes: self.tensor, self)

    def __setitem__(self, item: Any, value: Any) -> None:
        self.trace.refuse("it changes an array in place: make a new one, with numpy.where or numpy.column_stack")

    def refuse_value(self, *args: Any, **options: Any) -> Any:
        """Asked for a value: there is none yet."""
        self.trace.refuse(
            "it decides on values or takes them out of the array: numpy.where(condition, a, b) and other functions of "
            "NumPy's on whole arrays can be recorded"
        )

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__ = __contains__ = refuse_value
    item = tolist = refuse_value

    def __iter__(self) -> Iterator[Any]:
        yield self.refuse_value()  # not before it is asked for the first: pandas tries iter(x) to see what x is

    def astype(self, dtype: Any, *args: Any, **options: Any) -> "Array":
        """Cast; numbers to numbers, text to text."""
        with np.errstate(all="ignore"):
            example = self.example.astype(dtype)
            table = self.table and self.table.of(self.table.values.astype(dtype))
        if table and table.values.dtype.name in TYPES:
            return self.trace.tabulated(example, table)
        return self.trace.record(example, lambda nodes: self.tensor_in(nodes, example.dtype), self)

    def copy(self, *args: Any, **options: Any) -> "Array":
        """Itself: nothing changes it."""
        return self

    def ravel(self, *args: Any, **options: Any) -> "Array":
        """A single column as an array `[N]`."""
        return self.like(self.example.ravel())

    flatten = ravel

    def squeeze(self, *args: Any, **options: Any) -> "Array":
        """Without axes of one."""
        return self.like(self.example.squeeze(*args, **options))

    def reshape(self, *shape: Any, **options: Any) -> "Array":
        """`[N]` as `[N, 1]`, or the other way round."""
        example = self.example.reshape(*shape, **options)
        if example.ndim == 2 and example.shape[1] != self.width:
            self.trace.refuse(f"it makes an array of shape {example.shape} of one of shape {self.shape}")
        return self.like(example)

    def __getattr__(self, name: str) -> Any:
        method = self.trace.operations.methods.get(name)
        if method:
            return partial(method, self.trace, self)
        if not name.startswith("__") and hasattr(np.ndarray, name):
            self.trace.refuse(f"numpy.ndarray.{name} is none of what can be recorded")
        raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")


Operand = Array | Constant


def called(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """What a ufunc gives; `NotImplemented` where pandas has to align columns first, or a row takes part."""
    if any(hasattr(value, "iloc") or hasattr(value, "of_pairs") for value in inputs):
        return NotImplemented
    if method != "__call__":
        trace.refuse(f"numpy.{ufunc.__name__}.{method} is none of what can be recorded")
    given = {name: value for name, value in options.items() if value is not None}
    if given.pop("where", True) is not True or given:
        trace.refuse(f"numpy.{ufunc.__name__} with {', '.join(options)}: an in-place operation cannot be recorded")
    return trace.operations.ufunc(trace, ufunc, inputs)
