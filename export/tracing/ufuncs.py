"""NumPy's ufuncs as nodes, each with the types that it has nodes for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.functions import EXACT, FUNCTIONS
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.arrays import TEXT, TIME, TYPES, Array, Border, Constant, Operand, Table, Trace
from alpenglow._export.tracing.times import apply as of_times
from alpenglow._serve.signature import MISSING

Make = Callable[..., str]  # of nodes and tensors, a tensor


@dataclass(frozen=True)
class Operation:
    """Nodes for a ufunc, for numbers of some kinds: `f` float, `i` int64, `b` bool."""

    make: Make
    kinds: str = "fi"
    rounded: bool = False


def op(name: str, **attributes: Any) -> Make:
    """An operator of ONNX's."""
    return lambda nodes, *x: nodes.add(name, list(x), **attributes)


def inverted(name: str) -> Make:
    """One that gives true where an operator gives false."""
    return lambda nodes, *x: nodes.add("Not", [nodes.add(name, list(x))])


def zero_of(nodes: Nodes, x: str) -> str:
    """Zero in the type of a tensor."""
    return nodes.add("CastLike", [nodes.constant(np.float64(0.0)), x])


def remainder(nodes: Nodes, a: str, b: str) -> str:
    """What NumPy leaves: the sign is the divisor's."""
    rest, zero = nodes.add("Mod", [a, b], fmod=1), zero_of(nodes, b)
    signs = nodes.add("Xor", [nodes.add("Less", [rest, zero]), nodes.add("Less", [b, zero])])
    nothing = nodes.add("Equal", [rest, zero])
    moved = nodes.add("Where", [signs, nodes.add("Add", [rest, b]), rest])
    return nodes.add("Where", [nothing, nodes.add("Mul", [zero, sign_of(nodes, b)]), moved])


def sign_of(nodes: Nodes, x: str) -> str:
    """One with the sign of a number; of zero that of its reciprocal."""
    one = nodes.add("CastLike", [nodes.constant(np.float64(1.0)), x])
    below = nodes.add("Less", [x, zero_of(nodes, x)])
    under = nodes.add("Less", [nodes.add("Div", [one, x]), zero_of(nodes, x)])
    return nodes.add("Where", [nodes.add("Or", [below, under]), nodes.add("Neg", [one]), one])


def floor_divide(nodes: Nodes, a: str, b: str) -> str:
    """What `npy_floor_divide` does, step by step."""
    zero, rest = zero_of(nodes, b), nodes.add("Mod", [a, b], fmod=1)
    quotient = nodes.add("Div", [nodes.add("Sub", [a, rest]), b])
    signs = nodes.add("Xor", [nodes.add("Less", [rest, zero]), nodes.add("Less", [b, zero])])
    lower = nodes.add("And", [signs, nodes.add("Not", [nodes.add("Equal", [rest, zero])])])
    one = nodes.add("CastLike", [nodes.constant(np.float64(1.0)), a])
    half = nodes.add("CastLike", [nodes.constant(np.float64(0.5)), a])
    quotient = nodes.add("Where", [lower, nodes.add("Sub", [quotient, one]), quotient])
    whole = nodes.add("Floor", [quotient])
    far = nodes.add("Greater", [nodes.add("Sub", [quotient, whole]), half])
    whole = nodes.add("Where", [far, nodes.add("Add", [whole, one]), whole])
    ratio = nodes.add("Div", [a, b])
    nothing = nodes.add("Mul", [zero, sign_of(nodes, ratio)])
    found = nodes.add("Where", [nodes.add("Equal", [quotient, zero]), nothing, whole])
    return nodes.add("Where", [nodes.add("Equal", [b, zero]), ratio, found])


def floor_whole(nodes: Nodes, a: str, b: str) -> str:
    """The same for integers and what is above zero; ONNX rounds towards zero."""
    found = nodes.add("Div", [a, b])
    below = nodes.add("Less", [nodes.add("Sub", [a, nodes.add("Mul", [found, b])]), zero_of(nodes, b)])
    return nodes.add("Sub", [found, nodes.add("CastLike", [below, a])])


def truncated(nodes: Nodes, x: str) -> str:
    """Towards zero."""
    below = nodes.add("Less", [x, zero_of(nodes, x)])
    return nodes.add("Where", [below, nodes.add("Ceil", [x]), nodes.add("Floor", [x])])


def extreme(comparison: str, *, skips: bool = False) -> Make:
    """The larger or smaller one; NaN if either is, or only if both are."""

    def make(nodes: Nodes, a: str, b: str) -> str:
        first = nodes.add(comparison, [a, b])
        gap = nodes.add("Not", [nodes.add("Equal", [b, b])] if skips else [nodes.add("Equal", [a, a])])
        return nodes.add("Where", [nodes.add("Or", [first, gap]), a, b])

    return make


def finite(nodes: Nodes, x: str) -> str:
    """Neither infinite nor NaN."""
    return nodes.add("Not", [nodes.add("Or", [nodes.add("IsInf", [x]), nodes.add("IsNaN", [x])])])


def times(factor: float) -> Make:
    """A multiple."""
    return lambda nodes, x: nodes.add("Mul", [x, nodes.constant(np.float64(factor))])


COMPARISONS: dict[np.ufunc, Make] = {
    np.equal: op("Equal"),
    np.greater: op("Greater"),
    np.greater_equal: op("GreaterOrEqual"),
    np.less: op("Less"),
    np.less_equal: op("LessOrEqual"),
    np.not_equal: inverted("Equal"),
}
LOGIC: dict[np.ufunc, Make] = {
    np.logical_and: op("And"),
    np.logical_not: op("Not"),
    np.logical_or: op("Or"),
    np.logical_xor: op("Xor"),
}
BOOLEANS: dict[np.ufunc, Make] = {
    np.absolute: op("Identity"),
    np.add: op("Or"),
    np.bitwise_and: op("And"),
    np.bitwise_or: op("Or"),
    np.bitwise_xor: op("Xor"),
    np.fmax: op("Or"),
    np.fmin: op("And"),
    np.invert: op("Not"),
    np.maximum: op("Or"),
    np.minimum: op("And"),
    np.multiply: op("And"),
    np.equal: op("Equal"),
    np.not_equal: op("Xor"),
}
NUMBERS: dict[np.ufunc, Operation] = {
    np.add: Operation(op("Add")),
    np.deg2rad: Operation(times(np.pi / 180), "f"),
    np.divide: Operation(op("Div"), "f"),
    np.floor_divide: Operation(floor_divide, "f"),
    np.fmax: Operation(extreme("GreaterOrEqual", skips=True)),
    np.fmin: Operation(extreme("LessOrEqual", skips=True)),
    np.isfinite: Operation(finite, "f"),
    np.isinf: Operation(op("IsInf"), "f"),
    np.isnan: Operation(op("IsNaN"), "f"),
    np.maximum: Operation(extreme("GreaterOrEqual")),
    np.minimum: Operation(extreme("LessOrEqual")),
    np.multiply: Operation(op("Mul")),
    np.positive: Operation(op("Identity")),
    np.power: Operation(op("Pow"), "f", rounded=True),
    np.rad2deg: Operation(times(180 / np.pi), "f"),
    np.remainder: Operation(remainder, "f"),
    np.sin: Operation(op("Sin"), "f", rounded=True),
    np.subtract: Operation(op("Sub")),
    np.trunc: Operation(truncated, "f"),
    **{function: Operation(make, "f", rounded=function not in EXACT) for function, make in FUNCTIONS.items()},
    np.absolute: Operation(op("Abs")),
    np.degrees: Operation(times(180 / np.pi), "f"),
    np.negative: Operation(op("Neg")),
    np.radians: Operation(times(np.pi / 180), "f"),
    np.sign: Operation(op("Sign")),
}
INTEGERS: dict[np.ufunc, Operation] = {  # by what is above zero
    np.floor_divide: Operation(floor_whole),
    np.remainder: Operation(op("Mod")),
}
WHOLE = (np.ceil, np.floor, np.rint, np.trunc)  # nothing to do for integers
ASKED = (np.isfinite, np.isinf, np.isnan)


def apply(trace: Trace, ufunc: np.ufunc, inputs: Sequence[Any]) -> Array:
    """Record a ufunc."""
    operands = [trace.operand(value) for value in inputs]
    if any(kind_of(operand) in TIME for operand in operands):
        return of_times(trace, ufunc, operands)
    with np.errstate(all="ignore"):
        example = ufunc(*(operand.example for operand in operands))
    if any(kind_of(operand) in TEXT for operand in operands):
        return text(trace, ufunc, operands, example)
    border(trace, ufunc, operands)
    table = table_of(ufunc, operands)
    if table:
        return trace.tabulated(example, table)
    loop = computed_in(ufunc, operands, np.asarray(example).dtype)
    whole = loop.kind == "i" and type(operands[-1]) is Constant and bool((operands[-1].row > 0).all())
    operation = INTEGERS[ufunc] if whole and ufunc in INTEGERS else operation_of(trace, ufunc, loop)

    def build(nodes: Nodes) -> str:
        return operation.make(nodes, *(operand.tensor_in(nodes, loop) for operand in operands))

    return trace.record(example, build, *operands, rounded=operation.rounded)


def table_of(ufunc: np.ufunc, operands: Sequence[Operand]) -> Table | None:
    """What NumPy makes of all that the operands can hold, if they follow from the same few numbers."""
    arrays = [operand for operand in operands if type(operand) is Array]
    first = arrays[0].table
    if first is None or any(one.table is None or one.table.source is not first.source for one in arrays):
        return None
    if any(type(operand) is Constant and operand.row.ndim for operand in operands):
        return None
    given = [one.table.values if type(one) is Array and one.table else one.example for one in operands]
    with np.errstate(all="ignore"):
        values = ufunc(*given)
    return first.of(values) if values.dtype.name in TYPES else None


def operation_of(trace: Trace, ufunc: np.ufunc, loop: np.dtype[Any]) -> Operation:
    """The nodes for numbers of a type.

    Raises:
        UntraceableError: There are none.
    """
    if ufunc in LOGIC:
        return Operation(LOGIC[ufunc])
    if loop.kind == "b" and ufunc in BOOLEANS:
        return Operation(BOOLEANS[ufunc])
    if ufunc in COMPARISONS and loop.kind in "fi":
        return Operation(COMPARISONS[ufunc])
    if ufunc in WHOLE and loop.kind == "i":
        return Operation(op("Identity"))
    if ufunc in NUMBERS and loop.kind in NUMBERS[ufunc].kinds:
        return NUMBERS[ufunc]
    return trace.refuse(f"numpy.{ufunc.__name__} of {loop} is none of what can be recorded")


def computed_in(ufunc: np.ufunc, operands: Sequence[Operand], result: np.dtype[Any]) -> np.dtype[Any]:
    """The type in which NumPy computes: that of the result, except where this says yes or no."""
    if ufunc in LOGIC:
        return np.dtype(bool)
    if ufunc in COMPARISONS:
        return np.result_type(*(typed(operand) for operand in operands))
    if ufunc in ASKED:
        found = np.result_type(*(typed(operand) for operand in operands))
        return found if found.kind == "f" else np.dtype(np.float64)
    return result


def typed(operand: Operand) -> Any:
    """What tells NumPy the type: a Python number has none of its own."""
    return operand.example.dtype if type(operand) is Array else operand.example


def kind_of(operand: Operand) -> str:
    """NumPy's letter for what an operand holds."""
    return str(np.asarray(operand.example).dtype.kind)


def border(trace: Trace, ufunc: np.ufunc, operands: Sequence[Operand]) -> None:
    """Note what is compared, for rows on the border."""
    if ufunc not in COMPARISONS and ufunc not in (np.maximum, np.minimum, np.fmax, np.fmin):
        return
    left, right = operands
    if type(left) is Constant:
        left, right = right, left
    if kind_of(left) not in "fi":
        return
    if type(right) is Constant:
        note(trace, left, np.atleast_2d(right.row))
    else:
        with np.errstate(all="ignore"):
            apart = np.subtract(left.example, right.example, dtype=np.float64)
        trace.borders.append(border_of(apart, np.zeros((1, 1)), rounded=left.rounded or right.rounded))


def note(trace: Trace, x: Operand, values: Any) -> None:
    """Values `[E, K]`, or `[E]` for all columns, are borders of an array."""
    found = np.asarray(values, np.float64)
    trace.borders.append(border_of(x.example, found if found.ndim == 2 else found[:, np.newaxis], rounded=x.rounded))


def border_of(example: Any, values: NDArray[np.float64], *, rounded: bool) -> Border:
    """A border; a single column may be compared with several, and several with a single value."""
    seen = np.asarray(example, np.float64).reshape(len(example), -1)
    width = max(seen.shape[1], values.shape[1])
    whole = [np.broadcast_to(part, (len(part), width)) for part in (seen, values)]
    return Border(whole[0], whole[1], rounded)


def text(trace: Trace, ufunc: np.ufunc, operands: Sequence[Operand], example: Any) -> Array:
    """Text can be equal, or not, to other text."""
    if ufunc not in (np.equal, np.not_equal) or any(kind_of(operand) not in TEXT for operand in operands):
        trace.refuse(f"numpy.{ufunc.__name__} of text is none of what can be recorded")
    make, objects = COMPARISONS[ufunc], np.dtype(object)
    present = [operand for operand in operands if type(operand) is Array]

    def build(nodes: Nodes) -> str:
        found = make(nodes, *(operand.tensor_in(nodes, objects) for operand in operands))
        if len(present) < len(operands):
            return found
        # Two columns: a missing text equals nothing, not even another missing one.
        gap = missing(nodes, present[0].tensor)
        if ufunc is np.equal:
            return nodes.add("And", [found, nodes.add("Not", [gap])])
        return nodes.add("Or", [found, gap])

    return trace.record(np.asarray(example, bool), build, *operands)


def missing(nodes: Nodes, x: str) -> str:
    """Where a text is missing."""
    return nodes.add("Equal", [x, nodes.constant(np.array(MISSING, object))])


def power(x: Any, exponent: Any) -> Any:
    """`x ** exponent`, which NumPy has special ways for."""
    if isinstance(exponent, int | float) and not isinstance(exponent, bool):
        if exponent == 2:
            return np.square(x) if x.dtype.kind == "f" else x * x
        if exponent == 1:
            return +x
        if x.dtype.kind == "f" and exponent in (0.5, -1):
            return np.sqrt(x) if exponent == 0.5 else np.reciprocal(x)
    return np.power(x, exponent)
