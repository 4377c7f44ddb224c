"""Stand-ins for columns of pandas': frames and series are pandas' own, and hold these.

So names, order, selection and alignment are pandas' own as well, and what is recorded is what happens to values.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.mixins import NDArrayOperatorsMixin
from onnx import TensorProto, numpy_helper
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from alpenglow._export.arithmetic.counts import is_gap
from alpenglow._export.graph.nodes import ML5, Nodes, strings
from alpenglow._export.graph.spelling import UNCHANGED, label
from alpenglow._export.graph.text import as_text
from alpenglow._export.pipeline.moments import in_utc
from alpenglow._export.tracing.arrays import ONE_BY_ONE, Array, Trace, called, unwrapped
from alpenglow._export.tracing.functions import chosen, isin
from alpenglow._export.tracing.ufuncs import missing, note
from alpenglow._serve.signature import MISSING

TEXTS = np.dtype(object)
IN_PLACE = "it changes some rows in place: frame['a'] = frame['a'].mask(condition, value) can be recorded"
OTHER_ROWS = "it fills gaps from other rows: a graph looks at each row for itself"


class ColumnType(ExtensionDtype):
    """The type of a column, as the function sees it: that of the real one."""

    _metadata = ("inner",)
    na_value = np.nan

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    @property
    def name(self) -> str:  # type: ignore[override]
        """As pandas shows it."""
        return str(self.inner)

    @property
    def type(self) -> Any:  # type: ignore[override]
        """Of its values."""
        return self.inner.type

    @property
    def kind(self) -> Any:
        """NumPy's letter."""
        return str(self.inner.kind)

    @property
    def itemsize(self) -> int:
        """The bytes of a value."""
        return int(self.inner.itemsize)

    @property
    def _is_numeric(self) -> bool:
        return bool(self.kind in "biuf")

    @property
    def _is_boolean(self) -> bool:
        return bool(self.kind == "b")

    def __eq__(self, other: object) -> bool:
        return bool(self.inner == getattr(other, "inner", other))

    def __hash__(self) -> int:
        return hash(self.inner)

    @classmethod
    def construct_array_type(cls) -> Any:
        """What holds it."""
        return Column


class Column(NDArrayOperatorsMixin, ExtensionArray):
    """A stand-in for a column.

    Attributes:
        array: Its values `[N]`.
        inner: pandas' type of them.
        whole: Whether pandas has whole numbers here, of which there is a table.
    """

    def __init__(self, array: Array, inner: Any = None, *, whole: bool = False) -> None:
        self.array, self.whole = array, whole
        self.inner = array.dtype if inner is None else inner

    @property
    def trace(self) -> Trace:
        """The run that it belongs to."""
        return self.array.trace

    @property
    def dtype(self) -> ColumnType:
        """As the function sees it."""
        return ColumnType(self.inner)

    @property
    def nbytes(self) -> int:
        """None: there are no values yet."""
        return 0

    @property
    def real(self) -> "pd.Series[Any]":
        """The example, as pandas has it."""
        if self.zone is None:
            return pd.Series(self.array.example, dtype=self.inner)
        found: pd.Series[Any] = pd.Series(self.array.example).dt.tz_localize("UTC").dt.tz_convert(self.zone)
        return found

    @property
    def zone(self) -> Any:
        """That its moments are shown in."""
        return self.inner.tz if isinstance(self.inner, pd.DatetimeTZDtype) else None

    @property
    def is_time(self) -> bool:
        """Whether it holds moments or durations."""
        return self.array.is_time

    def __len__(self) -> int:
        return len(self.array)

    def copy(self) -> "Column":
        """Itself: nothing changes it."""
        return self

    def view(self, dtype: Any = None) -> "Column":
        """Itself."""
        return self

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if any(isinstance(value, Column) and value.is_time for value in inputs):
            return of_times(self.trace, ufunc, method, inputs, options)
        return column(called(self.trace, ufunc, method, inputs, options))

    def __pow__(self, exponent: Any) -> "Column":
        return Column(self.trace.operations.power(self.array, unwrapped(exponent)))

    def __add__(self, other: Any) -> Any:
        return joined(self, other) if self.array.is_text else super().__add__(other)

    def __radd__(self, other: Any) -> Any:
        return joined(other, self) if self.array.is_text else super().__radd__(other)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice) and item.indices(len(self)) == (0, len(self), 1):
            return self
        return self.trace.refuse(f"it takes some of the rows: {ONE_BY_ONE}, with where, mask or numpy.where")

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> "Column":
        """All of the rows, in their order."""
        if np.array_equal(indices, np.arange(len(self))):
            return self
        return self.trace.refuse("it takes some of the rows, or orders them anew: a graph keeps rows as they are")

    def __setitem__(self, item: Any, value: Any) -> None:
        self.trace.refuse(IN_PLACE)

    def refuse_value(self, *args: Any, **options: Any) -> Any:
        """Asked for a value: there is none yet."""
        self.array.refuse_value()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array)

    __array__ = __contains__ = to_numpy = _values_for_factorize = _values_for_argsort = refuse_value
    unique = factorize = value_counts = duplicated = shift = searchsorted = interpolate = refuse_value

    def _formatter(self, boxed: bool = False) -> Callable[[Any], str]:
        return repr

    def _reduce(self, name: str, **options: Any) -> Any:
        self.trace.refuse(f"{name} of a column is another value for each request: learn it in fit, and keep it")

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> "Column":
        if isinstance(scalars, Column):
            return scalars
        raise TypeError("a constant is no column that is recorded")

    @classmethod
    def _concat_same_type(cls, parts: Sequence["Column"]) -> "Column":
        if len(parts) == 1:
            return parts[0]
        return parts[0].trace.refuse("it puts rows below others: a graph keeps rows as they are")

    def isna(self) -> Any:
        """Where a value is missing."""
        x = self.array

        def build(nodes: Nodes) -> str:
            if x.is_text:
                return missing(nodes, x.tensor)
            if x.is_time:
                return is_gap(nodes, x.tensor)
            return nodes.add("IsNaN", [x.tensor_in(nodes, np.dtype(np.float64))])

        return Column(self.trace.record(pd.isna(x.example), build, x))

    def fillna(self, value: Any = None, *args: Any, **options: Any) -> "Column":
        """Another value in place of missing ones."""
        if value is None:
            self.trace.refuse(OTHER_ROWS)
        return self.put(self.isna(), value, self.real.fillna(real_of(value)))

    def constant(self, text: str) -> Any:
        """The moment or the duration that pandas reads from a text that it compares with."""
        if self.array.example.dtype.kind == "m":
            return pd.Timedelta(text)
        found = pd.Timestamp(text)
        return found.tz_localize(self.zone) if self.zone is not None and found.tzinfo is None else found

    def put(self, test: "Column", value: Any, real: "pd.Series[Any]") -> "Column":
        """A value where a condition holds; `real` is what pandas makes of it."""
        example = in_utc(real).to_numpy(TEXTS if is_text(real.dtype) else None)
        made = chosen(self.trace, test.array, self.trace.operand(value), self.array, example)
        return Column(made, real.dtype)

    def isin(self, values: Any) -> "Column":
        """Whether each value is one of some."""
        gaps = [value for value in values if pd.isna(value)]
        if self.is_time:
            self.trace.refuse("it looks times up in a list: comparisons with == can be recorded")
        found = isin(self.trace, self.array, [value for value in values if not pd.isna(value)])
        return Column(found) | self.isna() if gaps else Column(found)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Cast: numbers to numbers, text to text, booleans and integers to text."""
        dtype = pd.api.types.pandas_dtype(dtype)
        if isinstance(dtype, ColumnType) or dtype == self.inner or (dtype == TEXTS and not is_text(self.inner)):
            return self
        with np.errstate(all="ignore"):
            real = self.real.astype(dtype)
        if self.is_time and (is_text(dtype) or dtype.kind in "fU"):
            self.trace.refuse(f"it makes {dtype} of times: what .dt has can be recorded")
        if is_text(dtype) or dtype.kind == "U":
            return self.spelled(real)
        if isinstance(dtype, pd.DatetimeTZDtype):
            return Column(self.array.astype(f"M8[{dtype.unit}]"), dtype)
        if not isinstance(dtype, np.dtype):
            self.trace.refuse(f"it makes a column of {dtype}, which is none of what can be recorded")
        return Column(self.array.astype(dtype), dtype)

    def spelled(self, real: "pd.Series[Any]") -> "Column":
        """As text; what pandas makes of a gap is asked of it."""
        x, dtype = self.array, real.dtype
        if self.whole and x.table:
            texts = pd.Series(x.table.values[:-1].astype(np.int64)).astype(dtype).to_list()
            texts.append(as_text(pd.Series([np.nan, 1.0]).astype(dtype).iloc[0]))
            example = pd.Series(x.example.astype(np.int64)).astype(dtype)
            table = x.table.of(np.array(texts, object))
            return Column(self.trace.record(example.to_numpy(TEXTS), table.look_up, x), dtype)
        if x.dtype.kind == "f":
            self.trace.refuse("it spells floating-point numbers: no graph can do that as Python does")

        def build(nodes: Nodes) -> str:
            if x.dtype.kind == "b":
                return nodes.add("Where", [x.tensor, *(nodes.constant(np.array(t, object)) for t in ("True", "False"))])
            if not x.is_text:
                return nodes.cast(x.tensor, TensorProto.STRING)
            gap = as_text(pd.Series([np.nan, "a"], dtype=self.inner).astype(dtype).iloc[0])
            if gap == MISSING:
                return x.tensor
            return nodes.add("Where", [missing(nodes, x.tensor), nodes.constant(np.array(gap, object)), x.tensor])

        return Column(self.trace.record(real.to_numpy(TEXTS), build, x), dtype)

    def map(self, mapper: Any, na_action: Any = None) -> "Column":
        """Look each value up in a dictionary; what is not in it is missing."""
        if isinstance(mapper, pd.Series):
            mapper = mapper.to_dict()
        if not isinstance(mapper, Mapping) or hasattr(mapper, "__missing__"):
            self.trace.refuse(
                "it calls a Python function with each value: a dictionary, or operations on whole columns, can be "
                "recorded"
            )
        if self.is_time:
            self.trace.refuse("it looks times up in a dictionary: comparisons with == can be recorded")
        table = dict(mapper)
        text = any(isinstance(value, str) for value in table.values())
        real = self.real.map(table)
        if real.dtype.kind not in "b" + ("O" if text else ""):
            real = real.astype(real.dtype if text else np.float64)
        x, keys, values = self.array, list(table), list(table.values())
        if not x.is_text:
            note(self.trace, x, [float(key) for key in keys if not pd.isna(key)])
        given, wanted = TEXTS if x.is_text else np.dtype(np.float64), TEXTS if text else np.dtype(np.float64)

        def build(nodes: Nodes) -> str:
            made = nodes.add(
                "LabelEncoder",
                [x.tensor_in(nodes, given)],
                op_domain=ML5,
                op_version=1,
                keys_tensor=tensor_of(keys, given),
                values_tensor=tensor_of(values, wanted),
                default_tensor=tensor_of([np.nan], wanted),
            )
            return nodes.cast(made, TensorProto.BOOL) if real.dtype.kind == "b" else made

        return Column(self.trace.record(real.to_numpy(TEXTS if text else None), build, x), real.dtype)

    def replace(self, table: Mapping[Any, Any]) -> "Column":
        """Other values for some; the others stay what they are."""
        real = self.real.replace(dict(table))
        if not self.array.is_text or real.dtype != self.inner:
            found = self
            for old, new in table.items():
                test = self.isna() if pd.isna(old) else self == old
                found = found.put(test, new, found.real.where(~test.real, new))
            return found
        x = self.array
        known = {as_text(old): as_text(new) for old, new in table.items()}

        def build(nodes: Nodes) -> str:
            other = label(nodes, x.tensor, known, UNCHANGED)
            same = nodes.add("Equal", [other, nodes.constant(np.array(UNCHANGED, object))])
            return nodes.add("Where", [same, x.tensor, other])

        return Column(self.trace.record(real.to_numpy(TEXTS), build, x), real.dtype)


# What pandas makes of operators; numpy.maximum and its like are not its own.
OPERATORS: dict[np.ufunc, Callable[[Any, Any], Any]] = {
    np.add: operator.add,
    np.divide: operator.truediv,
    np.equal: operator.eq,
    np.floor_divide: operator.floordiv,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.not_equal: operator.ne,
    np.remainder: operator.mod,
    np.subtract: operator.sub,
}


def of_times(trace: Trace, ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """What a ufunc makes of moments or durations: what pandas says it is, such as of which zone."""
    if any(hasattr(value, "iloc") for value in inputs):
        return NotImplemented
    first = next(value for value in inputs if isinstance(value, Column) and value.is_time)
    given = [first.constant(value) if isinstance(value, str) else value for value in inputs]
    real = OPERATORS[ufunc](*map(real_of, given)) if ufunc in OPERATORS else None
    made = called(trace, ufunc, method, given, options)
    if not made.is_time or real is None:
        return Column(made, first.inner if made.is_time else None)
    return Column(made.astype(in_utc(real).dtype), real.dtype)


def tensor_of(values: Sequence[Any], dtype: np.dtype[Any]) -> Any:
    """Values as a tensor for a table."""
    if dtype.kind == "O":
        return strings([as_text(value) for value in values])
    return numpy_helper.from_array(np.array([np.nan if pd.isna(v) else float(v) for v in values], np.float64))


def joined(left: Any, right: Any) -> Column:
    """Text behind text; missing if either is."""
    trace = next(side.trace for side in (left, right) if isinstance(side, Column))
    both = [trace.operand(side) for side in (left, right)]
    sides = [real_of(side) for side in (left, right)]
    real = sides[0] + sides[1]

    def build(nodes: Nodes) -> str:
        tensors = [side.tensor_in(nodes, TEXTS) for side in both]
        found = nodes.add("StringConcat", tensors)
        for side in both:
            if type(side) is Array:
                gap = missing(nodes, side.tensor)
                found = nodes.add("Where", [gap, nodes.constant(np.array(MISSING, object)), found])
        return found

    return Column(trace.record(real.to_numpy(TEXTS), build, *both), real.dtype)


def real_of(value: Any) -> Any:
    """The example of a series, a column or an array, as pandas has it; anything else as it is."""
    held = value if isinstance(value, Column) else getattr(value, "array", value)
    if isinstance(held, Column):
        return held.real
    return pd.Series(value.example) if type(value) is Array else value


def is_text(dtype: Any) -> bool:
    """Whether a type of pandas' is text, or objects."""
    return bool(dtype == TEXTS or isinstance(dtype, pd.StringDtype))


def column(found: Any) -> Any:
    """An array as a column; anything else as it is."""
    return Column(found) if type(found) is Array else found
