"""NumPy's functions of arrays as nodes, and the methods of arrays that are the same."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.arrays import TEXT, Array, Constant, Operand, Trace
from alpenglow._export.tracing.products import matmul
from alpenglow._export.tracing.ufuncs import note

UNROLLED = 8  # from so many numbers on, NumPy adds those of a row in another order


def call(trace: Trace, function: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Record a function of NumPy's."""
    if function not in FUNCTIONS:
        trace.refuse(f"numpy.{function.__name__} is none of what can be recorded")
    if options.get("out") is not None:
        trace.refuse(f"numpy.{function.__name__} with out=: an in-place operation cannot be recorded")
    return FUNCTIONS[function](trace, *args, **{name: value for name, value in options.items() if name != "out"})


def where(trace: Trace, condition: Any, *choices: Any) -> Array:
    """One or the other."""
    if len(choices) != 2:
        trace.refuse("numpy.where(condition) gives places: numpy.where(condition, a, b) can be recorded")
    test, yes, no = (trace.operand(value) for value in (condition, *choices))
    return chosen(trace, test, yes, no, np.where(test.example, yes.example, no.example))


def chosen(trace: Trace, test: Operand, yes: Operand, no: Operand, example: NDArray[Any]) -> Array:
    """One or the other, once the result is known for the example."""

    def build(nodes: Nodes) -> str:
        given = test.tensor_in(nodes, np.dtype(bool))
        first, second = (operand.tensor_in(nodes, example.dtype) for operand in (yes, no))
        if example.dtype.kind != "b":
            return nodes.add("Where", [given, first, second])
        # ONNX Runtime's Where has no booleans.
        both = nodes.add("And", [given, first]), nodes.add("And", [nodes.add("Not", [given]), second])
        return nodes.add("Or", list(both))

    return trace.record(example, build, test, yes, no)


def select(trace: Trace, condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Array:
    """The first choice whose condition holds."""
    found = trace.operand(default)
    tests, choices = [list(map(trace.operand, some)) for some in (condlist, choicelist)]
    whole = np.select([t.example for t in tests], [c.example for c in choices], found.example)
    for test, choice in reversed(list(zip(tests, choices, strict=True))):
        example = np.where(test.example, choice.example, found.example).astype(whole.dtype)
        found = chosen(trace, test, choice, found, np.broadcast_to(example, whole.shape))
    return found  # type: ignore[return-value]  # there is at least one choice


def clip(trace: Trace, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """Not below the one, not above the other."""
    low, high = options.get("min", a_min), options.get("max", a_max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


def column_stack(trace: Trace, tup: Sequence[Any]) -> Array:
    """Columns side by side."""
    return beside(trace, list(tup), np.column_stack)


def hstack(trace: Trace, tup: Sequence[Any], **options: Any) -> Array:
    """The same, of arrays `[N, K]`."""
    return beside(trace, list(tup), np.hstack)


def concatenate(trace: Trace, arrays: Sequence[Any], axis: int | None = 0, **options: Any) -> Array:
    """The same, along the second axis."""
    return beside(trace, list(arrays), lambda parts: np.concatenate(parts, axis=axis))


def stack(trace: Trace, arrays: Sequence[Any], axis: int = 0, **options: Any) -> Array:
    """Arrays `[N]` as columns."""
    return beside(trace, list(arrays), lambda parts: np.stack(parts, axis=axis))


def beside(trace: Trace, parts: Sequence[Any], join: Callable[[Any], NDArray[Any]]) -> Array:
    """Arrays side by side; a constant is repeated in every row."""
    operands = [trace.operand(part) for part in parts]
    example = join([operand.example for operand in operands])
    first = next(operand for operand in operands if type(operand) is Array)

    def build(nodes: Nodes) -> str:
        tensors = [
            operand.tensor_in(nodes, example.dtype)
            if type(operand) is Array
            else repeated(nodes, operand.tensor_in(nodes, example.dtype), first.tensor)
            for operand in operands
        ]
        return tensors[0] if len(tensors) == 1 else nodes.add("Concat", tensors, axis=1)

    return trace.record(example, build, *operands)


def repeated(nodes: Nodes, row: str, like: str) -> str:
    """A row `[1, K]` for each row of another tensor."""
    count = nodes.add("Shape", [like], start=0, end=1)
    return nodes.add("Expand", [row, nodes.add("Concat", [count, nodes.constant(np.array([1]))], axis=0)])


def filled(value: Any) -> Callable[..., Array]:
    """An array like another one, of one value."""

    def like(trace: Trace, a: Any, *args: Any, **options: Any) -> Array:
        constant, first = Constant(value, np.asarray(value)), trace.operand(a)
        return fill(trace, first, constant, np.full_like(first.example, value, *args, **options))

    return like


def full_like(trace: Trace, a: Any, fill_value: Any, *args: Any, **options: Any) -> Array:
    """An array like another one, of one value."""
    first = trace.operand(a)
    return fill(trace, first, trace.operand(fill_value), np.full_like(first.example, fill_value, *args, **options))


def fill(trace: Trace, like: Any, value: Operand, example: NDArray[Any]) -> Array:
    """A value in the shape of a stand-in."""

    def build(nodes: Nodes) -> str:
        return nodes.add("Expand", [value.tensor_in(nodes, example.dtype), nodes.add("Shape", [like.tensor])])

    return trace.record(example, build)


def isin(trace: Trace, element: Any, test_elements: Any, **options: Any) -> Array:
    """Whether each value is one of some."""
    x = trace.operand(element)
    values = np.array(sorted(set(test_elements), key=repr), object if x.example.dtype.kind in TEXT else None)
    example = np.isin(x.example, values, **options)
    if x.example.dtype.kind not in TEXT:
        note(trace, x, values)

    def build(nodes: Nodes) -> str:
        dtype = np.dtype(object) if x.example.dtype.kind in TEXT else np.result_type(x.example, values)
        apart = nodes.add("Unsqueeze", [x.tensor_in(nodes, dtype), nodes.constant(np.array([2]))])
        wanted = Constant(values, values.reshape(1, 1, -1)).tensor_in(nodes, dtype)
        same = nodes.cast(nodes.add("Equal", [apart, wanted]), TensorProto.INT64)
        count = nodes.add("ReduceSum", [same, nodes.constant(np.array([2]))], keepdims=0)
        return nodes.add("Greater" if not options.get("invert") else "Equal", [count, nodes.constant(np.int64(0))])

    return trace.record(example, build, x)


def digitize(trace: Trace, x: Any, bins: Any, right: bool = False) -> Array:
    """The number of the bin of each value."""
    edges = np.asarray(bins, np.float64)
    if np.any(np.diff(edges) < 0):
        trace.refuse("numpy.digitize with bins from the largest to the smallest cannot be recorded")
    return searchsorted(trace, edges, x, side="left" if right else "right")


def searchsorted(trace: Trace, a: Any, v: Any, side: str = "left", sorter: Any = None) -> Array:
    """How many of the sorted values are below each; NaN is above all of them."""
    x, edges = trace.operand(v), np.asarray(a, np.float64)
    if sorter is not None or type(x) is not Array or x.ndim != 1:
        trace.refuse("numpy.searchsorted can be recorded for a single column, without sorter=")
    note(trace, x, edges)

    def build(nodes: Nodes) -> str:
        number = x.tensor_in(nodes, np.dtype(np.float64))
        passed = nodes.add(
            "Greater" if side == "left" else "GreaterOrEqual", [number, nodes.constant(edges[np.newaxis])]
        )
        passed = nodes.add("Or", [passed, nodes.add("IsNaN", [number])])
        return nodes.add(
            "ReduceSum", [nodes.cast(passed, TensorProto.INT64), nodes.constant(np.array([1]))], keepdims=1
        )

    return trace.record(np.searchsorted(edges, x.example, side=side), build, x)  # type: ignore[call-overload]


def nan_to_num(trace: Trace, x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Finite numbers in place of what is not."""
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    found = np.where(np.isnan(x), x.dtype.type(nan), x)
    found = np.where(np.equal(found, np.inf), x.dtype.type(limits.max if posinf is None else posinf), found)
    return np.where(np.equal(found, -np.inf), x.dtype.type(limits.min if neginf is None else neginf), found)


def around(trace: Trace, a: Any, decimals: int = 0, **options: Any) -> Any:
    """Rounded as NumPy does it: times a power of ten, to the nearest integer, and back."""
    if a.dtype.kind != "f" or decimals == 0:
        return np.rint(a) if a.dtype.kind == "f" else a
    power = a.dtype.type(10.0 ** abs(decimals))
    return np.rint(a * power) / power if decimals > 0 else np.rint(a / power) * power


def of_each_row(name: str, fold: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """A function of the numbers of each row; of those of a column it cannot be."""

    def apply(trace: Trace, a: Any, axis: Any = None, *, keepdims: bool = False, **options: Any) -> Any:
        if a.ndim != 2 or axis not in (1, -1):
            trace.refuse(f"{name} of a column is another number for each request: learn it in fit, and keep it")
        if any(value is not None for value in options.values()):
            trace.refuse(f"{name} with {', '.join(options)} cannot be recorded")
        found = fold([a[:, place] for place in range(a.width)])
        return found[:, np.newaxis] if keepdims else found

    return apply


def total(parts: list[Any]) -> Any:
    """The sum, from the first to the last; of many numbers NumPy's own order is another one."""
    found = reduce(np.add, [part.astype(np.int64) if part.dtype.kind == "b" else part for part in parts])
    if len(parts) >= UNROLLED and found.dtype.kind == "f":
        found.rounded = found.trace.rounded = True
    return found


def mean(parts: list[Any]) -> Any:
    """The sum divided by how many there are."""
    return np.divide(total(parts), len(parts))


def ravel(trace: Trace, a: Any, **options: Any) -> Any:
    """One column as an array `[N]`."""
    return a.ravel()


def truth(parts: list[Any]) -> list[Any]:
    """Each as a boolean."""
    return [part if part.dtype.kind == "b" else np.not_equal(part, 0) for part in parts]


SUM, MEAN = of_each_row("the sum", total), of_each_row("the mean", mean)
MAX = of_each_row("the largest", lambda parts: reduce(np.maximum, parts))
MIN = of_each_row("the smallest", lambda parts: reduce(np.minimum, parts))
ANY = of_each_row("any", lambda parts: reduce(np.logical_or, truth(parts)))
ALL = of_each_row("all", lambda parts: reduce(np.logical_and, truth(parts)))
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.all: ALL,
    np.any: ANY,
    np.around: around,
    np.clip: clip,
    np.column_stack: column_stack,
    np.concatenate: concatenate,
    np.copy: lambda trace, a, **options: a,
    np.digitize: digitize,
    np.dot: matmul,
    np.expand_dims: lambda trace, a, axis: a[:, np.newaxis] if axis in (1, -1) and a.ndim == 1 else a.item(),
    np.full_like: full_like,
    np.hstack: hstack,
    np.isin: isin,
    np.max: MAX,
    np.mean: MEAN,
    np.min: MIN,
    np.nan_to_num: nan_to_num,
    np.ndim: lambda trace, a: a.ndim,
    np.ones_like: filled(1),
    np.ravel: ravel,
    np.reshape: lambda trace, a, *shape, **options: a.reshape(*shape, **options),
    np.round: around,
    np.searchsorted: searchsorted,
    np.select: select,
    np.shape: lambda trace, a: a.shape,
    np.size: lambda trace, a, axis=None: a.size if axis is None else a.shape[axis],
    np.squeeze: lambda trace, a, axis=None: a.squeeze(axis),
    np.stack: stack,
    np.sum: SUM,
    np.where: where,
    np.zeros_like: filled(0),
}
METHODS: dict[str, Callable[..., Any]] = {
    "all": ALL,
    "any": ANY,
    "clip": clip,
    "dot": matmul,
    "max": MAX,
    "mean": MEAN,
    "min": MIN,
    "round": around,
    "sum": SUM,
}
