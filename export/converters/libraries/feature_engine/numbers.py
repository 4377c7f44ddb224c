"""Arithmetic on columns: each for itself, one with another, several of a row together."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.arithmetic.functions import FUNCTIONS, cosine
from alpenglow._export.converters.libraries.feature_engine.tables import computed, matrix, places, row, without
from alpenglow._export.converters.preprocessing import power as powers
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.ufuncs import floor_divide, remainder

DIVISIONS = ("div", "truediv", "floordiv", "mod")
RADIUS = {"km": 6371.0, "miles": 3958.8, "meters": 6371000.0, "feet": 20902231.0}
KM_PER_DEGREE = 111.0


def of_each(make: Callable[[Nodes, Any, str], str]) -> Callable[[Nodes, Any, Inputs], Inputs]:
    """A converter of what computes with some columns, each for itself."""

    def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
        return computed(nodes, inputs, places(model, model.variables_), lambda x: make(nodes, model, x))

    return transform


def by_name(model: Any, values: Any) -> NDArray[np.float64]:
    """One number for each of the step's columns, of a dictionary or the same for all."""
    return row(values[name] if isinstance(values, dict) else values for name in model.variables_)


def logarithm(nodes: Nodes, model: Any, x: str) -> str:
    """The logarithm, of what a constant is added to if there is one."""
    if hasattr(model, "C_"):
        x = nodes.add("Add", [x, nodes.constant(by_name(model, model.C_))])
    return FUNCTIONS[np.log if model.base == "e" else np.log10](nodes, x)


def inverse_sine(nodes: Nodes, model: Any, x: str) -> str:
    """The angle whose sine is the square root."""
    return FUNCTIONS[np.arcsin](nodes, nodes.add("Sqrt", [x]))


def inverse_sinh(nodes: Nodes, model: Any, x: str) -> str:
    """`arcsinh((x - loc) / scale)`."""
    x = nodes.add("Sub", [x, nodes.constant(np.float64(model.loc))])
    return FUNCTIONS[np.arcsinh](nodes, nodes.add("Div", [x, nodes.constant(np.float64(model.scale))]))


def mean_normalised(nodes: Nodes, model: Any, x: str) -> str:
    """`(x - mean) / range`."""
    x = nodes.add("Sub", [x, nodes.constant(by_name(model, model.mean_))])
    return nodes.add("Div", [x, nodes.constant(by_name(model, model.range_))])


log = of_each(logarithm)
arcsine = of_each(inverse_sine)
arcsinh = of_each(inverse_sinh)
normalise = of_each(mean_normalised)
box_cox = of_each(lambda nodes, model, x: powers.box_cox(nodes, x, by_name(model, model.lambda_dict_)))
yeo_johnson = of_each(lambda nodes, model, x: powers.yeo_johnson(nodes, x, by_name(model, model.lambda_dict_)))
power = of_each(lambda nodes, model, x: nodes.add("Pow", [x, nodes.constant(np.float64(model.exp))]))
reciprocal = of_each(lambda nodes, model, x: nodes.add("Reciprocal", [x]))


def cyclical(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Sine and cosine of each column, behind all others."""
    found = list(rest(nodes, model, inputs, model.variables_))
    for name in model.variables_:
        factor = nodes.constant(np.float64(2.0 * np.pi / model.max_values_[name]))
        angle = nodes.add("Mul", [matrix(nodes, inputs, places(model, [name])), factor])
        found += [*nodes.table(nodes.add("Sin", [angle]), 1), *nodes.table(cosine(nodes, angle), 1)]
    return found


def rest(nodes: Nodes, model: Any, inputs: Inputs, used: Iterable[Any]) -> Inputs:
    """The columns that stay beside new ones: those that these were made of may be dropped."""
    return without(nodes, inputs, places(model, used)) if model.drop_original else inputs


def relative(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Each column with each reference, by each function."""
    found = list(rest(nodes, model, inputs, [*model.variables, *model.reference]))
    x = matrix(nodes, inputs, places(model, model.variables))
    for name in model.func:
        for reference in model.reference:
            y = matrix(nodes, inputs, places(model, [reference]))
            made = OF_TWO[name](nodes, x, y)
            if name in DIVISIONS and model.fill_value is not None:
                zero = nodes.add("Equal", [y, nodes.constant(np.float64(0.0))])
                made = nodes.add("Where", [zero, nodes.constant(np.float64(model.fill_value)), made])
            found += nodes.table(made, len(model.variables))
    return found


def operator(name: str) -> Callable[[Nodes, str, str], str]:
    """An operator of ONNX's that takes two tensors."""
    return lambda nodes, x, y: nodes.add(name, [x, y])


OF_TWO: dict[str, Callable[[Nodes, str, str], str]] = {
    "add": operator("Add"),
    "div": operator("Div"),
    "floordiv": floor_divide,
    "mod": remainder,
    "mul": operator("Mul"),
    "pow": operator("Pow"),
    "sub": operator("Sub"),
    "truediv": operator("Div"),
}


def zeros(model: Any) -> Iterable[Edge]:
    """Where a reference is zero, which nothing is divided by."""
    if any(name in DIVISIONS for name in model.func):
        found = places(model, model.reference)
        yield np.array(found), np.zeros(len(found)), False


def quotients(model: Any, rows: Any) -> NDArray[Any]:
    """The whole quotients, at which a remainder begins anew."""
    if not {"floordiv", "mod"}.intersection(model.func):
        return np.zeros(len(rows))
    x = rows[model.variables].to_numpy(np.float64)[:, :, np.newaxis]
    y = rows[model.reference].to_numpy(np.float64)[:, np.newaxis]
    return np.asarray(np.nan_to_num(np.floor_divide(x, y)))


WRAPPED = Borders(zeros, decisions=(quotients,))


def of_rows(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Functions of several numbers of each row, behind all columns."""
    found = list(rest(nodes, model, inputs, model.variables))
    numbers = matrix(nodes, inputs, places(model, model.variables))
    parts = [nodes.pick(numbers, [place]) for place in range(len(model.variables))]
    for name in model.func if isinstance(model.func, list) else [model.func]:
        if name not in OF_ROWS or (name == "median" and model.missing_values == "ignore"):
            raise NotImplementedError(
                f"it takes {getattr(name, '__name__', name)!r} of each row: {', '.join(OF_ROWS)} by name are known, "
                "'median' without gaps"
            )
        found += nodes.table(OF_ROWS[name](nodes, parts), 1)
    return found


def present(nodes: Nodes, parts: list[str], instead: float) -> list[str]:
    """The numbers, another one in place of those that are missing."""
    other = nodes.constant(np.float64(instead))
    return [nodes.add("Where", [nodes.add("IsNaN", [x]), other, x]) for x in parts]


def folded(nodes: Nodes, operation: str, parts: list[str]) -> str:
    """The parts, joined by an operator from the first to the last."""
    return reduce(lambda left, right: nodes.add(operation, [left, right]), parts)


def total(nodes: Nodes, parts: list[str]) -> str:
    """The sum of what is there."""
    return folded(nodes, "Add", present(nodes, parts, 0.0))


def product(nodes: Nodes, parts: list[str]) -> str:
    """The product of what is there."""
    return folded(nodes, "Mul", present(nodes, parts, 1.0))


def count(nodes: Nodes, parts: list[str]) -> str:
    """How many there are."""
    flags = [nodes.cast(nodes.add("Not", [nodes.add("IsNaN", [x])]), TensorProto.DOUBLE) for x in parts]
    return folded(nodes, "Add", flags)


def mean(nodes: Nodes, parts: list[str]) -> str:
    """The mean of what is there."""
    return nodes.add("Div", [total(nodes, parts), count(nodes, parts)])


def variance(nodes: Nodes, parts: list[str]) -> str:
    """The squares of the distances from the mean, divided by one less than there are."""
    middle = mean(nodes, parts)
    away = [nodes.add("Sub", [middle, x]) for x in parts]
    squares = total(nodes, [nodes.add("Mul", [x, x]) for x in away])
    one, zero = nodes.constant(np.float64(1.0)), nodes.constant(np.float64(0.0))
    less = nodes.add("Max", [nodes.add("Sub", [count(nodes, parts), one]), zero])
    return nodes.add("Div", [squares, less])  # NaN of a single number, as zero is divided by zero


def deviation(nodes: Nodes, parts: list[str]) -> str:
    """Its square root."""
    return nodes.add("Sqrt", [variance(nodes, parts)])


def extreme(comparison: str) -> Callable[[Nodes, list[str]], str]:
    """The largest or the smallest of what is there."""

    def choose(nodes: Nodes, left: str, right: str) -> str:
        kept = nodes.add("Or", [nodes.add(comparison, [left, right]), nodes.add("IsNaN", [right])])
        return nodes.add("Where", [kept, left, right])

    return lambda nodes, parts: reduce(lambda left, right: choose(nodes, left, right), parts)


def median(nodes: Nodes, parts: list[str]) -> str:
    """The middle one in order, or the mean of both middle ones."""
    size = len(parts)
    ordered, order = (nodes.scope.get_unique_variable_name(name) for name in ("ordered", "order"))
    nodes.container.add_node(
        "TopK",
        [nodes.add("Concat", parts, axis=1), nodes.constant(np.array([size]))],
        [ordered, order],
        name=nodes.scope.get_unique_operator_name("TopK"),
        op_version=11,
        axis=1,
        largest=0,
    )
    low, high = (nodes.pick(ordered, [place]) for place in ((size - 1) // 2, size // 2))
    if size % 2:
        return low
    return nodes.add("Div", [nodes.add("Add", [low, high]), nodes.constant(np.float64(2.0))])


OF_ROWS: dict[str, Callable[[Nodes, list[str]], str]] = {
    "max": extreme("GreaterOrEqual"),
    "mean": mean,
    "median": median,
    "min": extreme("LessOrEqual"),
    "prod": product,
    "std": deviation,
    "sum": total,
    "var": variance,
}


def distance(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The distance between two places on the earth, behind all columns."""
    names = (model.lat1, model.lon1, model.lat2, model.lon2)
    north, east, other_north, other_east = (matrix(nodes, inputs, places(model, [name])) for name in names)
    if model.method == "haversine":
        made = great_circle(nodes, north, east, other_north, other_east, RADIUS[model.output_unit])
    else:
        apart = [nodes.add("Sub", [other_north, north]), nodes.add("Sub", [other_east, east])]
        degree = nodes.constant(np.float64(KM_PER_DEGREE))
        if model.method == "euclidean":
            sides = [nodes.add("Mul", [x, degree]) for x in apart]
            made = nodes.add("Sqrt", [folded(nodes, "Add", [nodes.add("Mul", [x, x]) for x in sides])])
        else:
            made = nodes.add("Mul", [folded(nodes, "Add", [nodes.add("Abs", [x]) for x in apart]), degree])
        made = nodes.add("Mul", [made, nodes.constant(np.float64(RADIUS[model.output_unit] / RADIUS["km"]))])
    return [*rest(nodes, model, inputs, model.variables_), *nodes.table(made, 1)]


def great_circle(nodes: Nodes, north: str, east: str, other_north: str, other_east: str, radius: float) -> str:
    """Twice the radius times the angle whose sine is the square root of the haversine."""
    factor, half = nodes.constant(np.float64(np.pi / 180)), nodes.constant(np.float64(0.5))
    north, east, other_north, other_east = (
        nodes.add("Mul", [x, factor]) for x in (north, east, other_north, other_east)
    )

    def squared(one: str, other: str) -> str:
        sine = nodes.add("Sin", [nodes.add("Mul", [nodes.add("Sub", [other, one]), half])])
        return nodes.add("Mul", [sine, sine])

    across = nodes.add("Mul", [cosine(nodes, north), cosine(nodes, other_north)])
    sides = [squared(north, other_north), nodes.add("Mul", [across, squared(east, other_east)])]
    angle = FUNCTIONS[np.arcsin](nodes, nodes.add("Sqrt", [folded(nodes, "Add", sides)]))
    return nodes.add("Mul", [angle, nodes.constant(np.float64(2 * radius))])
