"""pyGAM's models: each term as columns, multiplied by coefficients and added in their order, and the link undone.

The columns are computed as its `b_spline_basis` does, operation by operation.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge, label
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor
from alpenglow._export.pipeline.gams import AdditiveClassifier, AdditiveRegressor

LIBRARY = PACKAGE = "pygam"
TESTED = ("0.12", "0.12")
NEXT = 1e-9  # what belongs to the last knot, too
POWERS = {"inverse": -1.0, "inv_squared": -0.5}
Array = NDArray[np.float64]


def regression(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean."""
    return {"prediction": mean(nodes, model.gam_, summed(nodes, model.gam_, inputs))}


def classification(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Whether the mean is above one half, and both probabilities."""
    total = summed(nodes, model.gam_, inputs)
    second = mean(nodes, model.gam_, total)
    above = nodes.add("Greater", [total, nodes.constant(border(model.gam_))])
    above = nodes.add("And", [above, nodes.add("Greater", [second, nodes.constant(0.25)])])  # it may be NaN
    first = nodes.add("Sub", [nodes.constant(1.0), second])
    both = nodes.add("Concat", [first, second], axis=1)
    return {"label": nodes.cast(nodes.flat(above), TensorProto.INT64), "probabilities": both}


def border(model: Any) -> float:
    """The greatest sum of terms whose mean is not above one half, as NumPy rounds a power of e."""
    low, high = -NEXT, NEXT
    while np.nextafter(low, high) < high:
        middle = low / 2 + high / 2
        above = model.link.mu(np.array([middle]), model.distribution)[0] > 0.5
        low, high = (low, middle) if above else (middle, high)
    return low


def summed(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The sum of the terms, `[N, 1]`."""
    x = nodes.matrix(inputs)
    columns = nodes.add("Concat", [column for term in model.terms for column in columns_of(nodes, x, term)], axis=1)
    terms = nodes.add("Mul", [columns, nodes.constant(np.asarray(model.coef_, np.float64)[np.newaxis])])
    by_column = nodes.add("Transpose", [terms], perm=[1, 0])
    # A transposed matrix would be summed along its rows, in another order.
    apart = nodes.add("Reshape", [by_column, nodes.constant(np.array([len(model.coef_), -1, 1]))])
    return nodes.ordered_sum(apart)


def columns_of(nodes: Nodes, x: str, term: Any) -> list[str]:
    """The columns `[N, C]` of a term."""
    if term.isintercept:
        nothing = nodes.add("Mul", [nodes.pick(x, [0]), nodes.constant(0.0)])
        return [nodes.add("Add", [nothing, nodes.constant(1.0)])]
    if term.istensor:
        parts = [nodes.add("Concat", columns_of(nodes, x, part), axis=1) for part in term._terms]
        return multiplied(nodes, x, crossed(nodes, parts, [part.n_coefs for part in term._terms]), term.by)
    if term._name == "linear_term":
        return [nodes.pick(x, [term.feature])]
    if term._name not in ("spline_term", "factor_term"):
        raise NotImplementedError(f"it has a {term._name}")
    found = splines(nodes, nodes.pick(x, [term.feature]), term)
    if getattr(term, "coding", "") == "dummy":
        found = nodes.pick(found, np.arange(1, term.n_splines))
    return multiplied(nodes, x, found, term.by)


def multiplied(nodes: Nodes, x: str, columns: str, by: int | None) -> list[str]:
    """The columns, multiplied by a feature if there is one."""
    return [columns if by is None else nodes.add("Mul", [columns, nodes.pick(x, [by])])]


def crossed(nodes: Nodes, parts: list[str], widths: list[int]) -> str:
    """Each column of one times each of the next, and so on."""
    found, width = parts[0], widths[0]
    for part, more in zip(parts[1:], widths[1:], strict=True):
        pairs = [nodes.add("Unsqueeze", [one, nodes.constant([axis])]) for one, axis in ((found, 2), (part, 1))]
        width *= more
        found = nodes.add("Reshape", [nodes.add("Mul", pairs), nodes.constant([-1, width])])
    return found


def splines(nodes: Nodes, x: str, term: Any) -> str:
    """The splines `[N, S]` of numbers `[N, 1]`; beyond the outermost knots they go on as lines."""
    order, periodic = term.spline_order, term.basis == "cp"
    start, scale = ends_of(term)
    x = nodes.add("Div", [nodes.add("Sub", [x, nodes.constant(start)]), nodes.constant(scale)])
    if periodic:
        period, zero = nodes.constant(1.0 + NEXT), nodes.constant(0.0)
        rest = nodes.add("Mod", [x, period], fmod=1)
        x = nodes.add("Where", [nodes.add("Less", [rest, zero]), nodes.add("Add", [rest, period]), rest])
    knots = knots_of(term)
    bases = nodes.cast(
        nodes.add(
            "And",
            [
                nodes.add("GreaterOrEqual", [x, nodes.constant(knots[np.newaxis, :-1])]),
                nodes.add("Less", [x, nodes.constant(knots[np.newaxis, 1:])]),
            ],
        ),
        TensorProto.DOUBLE,
    )
    for degree in range(1, order + 1):
        bases = risen(nodes, x, bases, knots, degree)
    if not order:
        return bases
    return folded(nodes, bases, order, len(knots) - 1 - order) if periodic else continued(nodes, x, bases, knots, order)


def ends_of(term: Any) -> tuple[float, float]:
    """Where the knots begin, and how far they reach."""
    least, greatest = np.sort(np.asarray(term.edge_knots_, np.float64))[[0, -1]]
    return float(least), float(greatest - least) or 1.0


def knots_of(term: Any) -> Array:
    """All knots, of numbers that are scaled from zero to one."""
    order = term.spline_order
    inner = np.linspace(0, 1, 1 + term.n_splines + order * (term.basis == "cp") - order)
    beyond = np.arange(1, order + 1) * np.diff(inner[:2])[0]
    knots: Array = np.r_[-beyond[::-1], inner, 1 + beyond]
    knots[-1] += NEXT
    return knots


def steps(knots: Array, degree: int) -> tuple[Array, Array, Array, Array]:
    """What one degree more needs: the knots left and right of each spline, and the distances to divide by."""
    count = len(knots) - 1 - degree
    left, right = knots[:count], knots[degree + 1 : count + degree + 1]
    return left, right, knots[degree : count + degree] - left, right - knots[1 : count + 1]


def risen(nodes: Nodes, x: str, bases: str, knots: Array, degree: int) -> str:
    """Splines of one degree more."""
    left, right, wide, wide_right = (nodes.constant(one[np.newaxis]) for one in steps(knots, degree))
    count = len(knots) - 1 - degree
    up = nodes.add("Mul", [nodes.add("Sub", [x, left]), nodes.pick(bases, np.arange(count))])
    down = nodes.add("Mul", [nodes.add("Sub", [right, x]), nodes.pick(bases, np.arange(1, count + 1))])
    return nodes.add("Add", [nodes.add("Div", [up, wide]), nodes.add("Div", [down, wide_right])])


def folded(nodes: Nodes, bases: str, order: int, count: int) -> str:
    """Periodic splines: the last ones are the first ones, too."""
    first, last = (nodes.pick(bases, np.arange(order) + at) for at in (0, count - order))
    middle = nodes.pick(bases, np.arange(order, count - order))
    return nodes.add("Concat", [nodes.add("Max", [first, last]), middle], axis=1)


def continued(nodes: Nodes, x: str, bases: str, knots: Array, order: int) -> str:
    """The splines, and lines beyond the outermost knots."""
    values, slopes = at_the_ends(knots, order)
    far = (x, nodes.add("Sub", [x, nodes.constant(1.0)]))
    outside = (nodes.add("Less", [x, nodes.constant(0.0)]), nodes.add("Greater", [x, nodes.constant(1.0)]))
    for side in (0, 1):
        line = nodes.add("Mul", [nodes.constant(slopes[[side]]), far[side]])
        line = nodes.add("Add", [line, nodes.constant(values[[side]])])
        bases = nodes.add("Where", [outside[side], line, bases])
    return bases


def at_the_ends(knots: Array, order: int) -> tuple[Array, Array]:
    """The splines' values and slopes `[2, S]` at zero and at one, computed as all others are."""
    x = np.array([[0.0], [1.0]])
    bases = ((x >= knots[:-1]) & (x < knots[1:])).astype(np.float64)
    bases[1] = bases[0][::-1]
    before = bases
    for degree in range(1, order + 1):
        left, right, wide, wide_right = steps(knots, degree)
        before = bases
        bases = (x - left) * before[:, :-1] / wide + (right - x) * before[:, 1:] / wide_right
    up = before[:, :-1] / (knots[order:-1] - knots[: -order - 1])
    down = before[:, 1:] / (knots[order + 1 :] - knots[1:-order])
    return bases, order * (up - down)


def mean(nodes: Nodes, model: Any, x: str) -> str:
    """What the link makes the sum of, `[N, 1]`."""
    link = model.link._name
    if link in POWERS:
        return nodes.add("Pow", [x, nodes.constant(POWERS[link])])
    if link == "log":
        return nodes.add("Exp", [x])
    if link == "logit":
        growth = nodes.add("Exp", [x])
        share = nodes.add("Mul", [nodes.constant(float(model.distribution.levels)), growth])
        return nodes.add("Div", [share, nodes.add("Add", [growth, nodes.constant(1.0)])])
    if link != "identity":
        raise NotImplementedError(f"it has the link {link}")
    return x


def edges(model: Any) -> Iterable[Edge]:
    """The knots."""
    parts = [part for term in model.gam_.terms for part in (term._terms if term.istensor else [term])]
    for term in parts:
        if not term.isintercept and term._name != "linear_term":
            start, scale = ends_of(term)
            knots = start + scale * knots_of(term)
            yield np.full(len(knots), term.feature), knots, False


def predictors(pygam: Any) -> dict[type, Predictor]:
    """The converters."""
    return {AdditiveClassifier: classification, AdditiveRegressor: regression}


def borders(pygam: Any) -> dict[type, Borders]:
    """Where they decide."""
    return {AdditiveClassifier: Borders(edges, decisions=(label,)), AdditiveRegressor: Borders(edges)}
