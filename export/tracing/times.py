"""NumPy's ufuncs of moments and durations as nodes: whole numbers of the finest unit among them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.counts import Whole, is_gap, with_gaps
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY, NAT
from alpenglow._export.tracing.arrays import TIME, Array, Border, Constant, Operand, Trace

Make = Callable[..., str]
SHIFTS: dict[np.ufunc, str] = {np.add: "Add", np.subtract: "Sub"}
COMPARISONS: dict[np.ufunc, str] = {
    np.equal: "Equal",
    np.greater: "Greater",
    np.greater_equal: "GreaterOrEqual",
    np.less: "Less",
    np.less_equal: "LessOrEqual",
    np.not_equal: "Equal",
}
# By what decides that the first one is taken. ONNX Runtime 1.24's Max and Min compare half of the bits of int64.
EXTREMES: dict[np.ufunc, str] = {np.maximum: "Greater", np.minimum: "Less", np.fmax: "Greater", np.fmin: "Less"}
SIGNS: dict[np.ufunc, str] = {np.negative: "Neg", np.absolute: "Abs", np.positive: "Identity"}


def apply(trace: Trace, ufunc: np.ufunc, operands: Sequence[Operand]) -> Array:
    """Record a ufunc, some operand of which is moments or durations."""
    with np.errstate(all="ignore"):
        example = np.asarray(ufunc(*(operand.example for operand in operands)))
    if ufunc in (np.isnat, np.isnan):
        return trace.record(example, lambda nodes: is_gap(nodes, tensors(nodes, operands)[0]), *operands)
    if any(np.asarray(operand.example).dtype.kind not in TIME for operand in operands):
        trace.refuse(f"numpy.{ufunc.__name__} of durations and numbers is none of what can be recorded: {DIVIDE}")
    if ufunc in (np.floor_divide, np.remainder):
        return divided(trace, ufunc, operands, example)
    if ufunc is np.divide:
        return trace.record(example, lambda nodes: ratio(nodes, *tensors(nodes, operands)), *operands)
    if ufunc in COMPARISONS:
        note(trace, operands)
        return trace.record(example, lambda nodes: compared(nodes, ufunc, tensors(nodes, operands)), *operands)
    if ufunc in EXTREMES:
        note(trace, operands)
    elif ufunc not in SHIFTS and ufunc not in SIGNS:
        trace.refuse(f"numpy.{ufunc.__name__} of dates is none of what can be recorded")
    unit = unit_of(operands)
    finest = example.astype(f"{example.dtype.kind}8[{unit}]")
    return trace.record(finest, lambda nodes: moved(nodes, ufunc, tensors(nodes, operands)), *operands)


DIVIDE = "duration / pd.Timedelta(days=1) and duration.dt.total_seconds() make numbers of them"


def unit_of(operands: Sequence[Operand]) -> str:
    """The finest unit."""
    units = {str(np.datetime_data(np.asarray(operand.example).dtype)[0]) for operand in operands}
    return max(units & DAY.keys() or {"s"}, key=DAY.__getitem__)


def tensors(nodes: Nodes, operands: Sequence[Operand]) -> list[str]:
    """The operands in the finest unit."""
    unit = unit_of(operands)
    dtypes = [np.dtype(f"{np.asarray(operand.example).dtype.kind}8[{unit}]") for operand in operands]
    return [operand.tensor_in(nodes, dtype) for operand, dtype in zip(operands, dtypes, strict=True)]


def gaps(nodes: Nodes, x: Sequence[str]) -> str:
    """Where one of them is missing."""
    found = [is_gap(nodes, each) for each in x]
    return found[0] if len(found) == 1 else nodes.add("Or", found)


def moved(nodes: Nodes, ufunc: np.ufunc, x: Sequence[str]) -> str:
    """A sum, a difference, a change of sign, or the larger or smaller one; missing where one of them is."""
    made = nodes.add((SHIFTS | EXTREMES | SIGNS)[ufunc], list(x))
    if ufunc in EXTREMES:
        made = nodes.add("Where", [made, *x])
    found = nodes.add("Where", [gaps(nodes, x), nodes.constant(np.int64(NAT)), made])
    if ufunc not in (np.fmax, np.fmin):
        return found
    first, second = x
    one = nodes.add("Where", [is_gap(nodes, second), first, found])
    return nodes.add("Where", [is_gap(nodes, first), second, one])


def compared(nodes: Nodes, ufunc: np.ufunc, x: Sequence[str]) -> str:
    """A comparison; what is missing is unequal to all, itself included."""
    found = nodes.add(COMPARISONS[ufunc], list(x))
    if ufunc is np.not_equal:
        return nodes.add("Or", [nodes.add("Not", [found]), gaps(nodes, x)])
    return nodes.add("And", [found, nodes.add("Not", [gaps(nodes, x)])])


def ratio(nodes: Nodes, x: str, y: str) -> str:
    """One duration divided by another, as float64."""
    return nodes.add("Div", [with_gaps(nodes, x, x), with_gaps(nodes, y, y)])


def divided(trace: Trace, ufunc: np.ufunc, operands: Sequence[Operand], example: NDArray[Any]) -> Array:
    """How often a constant duration fits into others, as float64, or what is left."""
    left, right = operands
    unit = unit_of(operands)
    size = int(np.asarray(right.row).astype(f"m8[{unit}]").view(np.int64).ravel()[0]) if type(right) is Constant else 0
    if type(right) is not Constant or right.row.size != 1 or size <= 0:
        trace.refuse(f"numpy.{ufunc.__name__} of durations can be recorded with a constant one that is above zero")
    if ufunc is np.floor_divide:
        counted = np.where(np.isnat(left.example), np.nan, example)

        def count(nodes: Nodes) -> str:
            x = tensors(nodes, operands)[0]
            return with_gaps(nodes, x, Whole(nodes).floor(x, size))

        return trace.record(counted, count, *operands)

    def rest(nodes: Nodes) -> str:
        x = tensors(nodes, operands)[0]
        return Whole(nodes).when(is_gap(nodes, x), x, Whole(nodes).rest(x, size))

    return trace.record(example.astype(f"m8[{unit}]"), rest, *operands)


def note(trace: Trace, operands: Sequence[Operand]) -> None:
    """What is compared, for rows on the border: where the difference is zero."""
    unit = unit_of(operands)
    examples = [np.asarray(operand.example) for operand in operands]
    left, right = (example.astype(f"{example.dtype.kind}8[{unit}]") for example in examples)
    apart = (left - right).view(np.int64)
    seen = np.where(apart == NAT, np.nan, apart.astype(np.float64)).reshape(trace.rows, -1)
    trace.borders.append(Border(seen, np.zeros((1, seen.shape[1])), rounded=False))
