"""SplineTransformer, within 1e-14 of scikit-learn's: each spline as the polynomials that it is made of."""

from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import SplineTransformer

from alpenglow._export.arithmetic.borders import Borders, by_feature
from alpenglow._export.converters.preprocessing.quantile import places
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.columns import as_kind, width
from alpenglow._export.graph.nodes import Inputs, Nodes


def expand(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All splines of all columns, `[N, F * S]`."""
    degree, splines = model.degree, model.bsplines_
    if degree == 0 and model.extrapolation in ("constant", "linear"):
        raise NotImplementedError("its splines have degree 0 and are continued beyond the knots")
    if degree == 1 and model.extrapolation == "linear" and len(splines) > 1:
        raise NotImplementedError("its splines of degree 1 go on in lines, for which scikit-learn mistakes the knots")
    x = nodes.matrix(inputs)
    knots = np.array([spline.t[degree : len(spline.t) - degree] for spline in splines])
    inside = within(nodes, x, knots, model.extrapolation)
    found = polynomials(nodes, inside, knots, np.array([pieces(spline) for spline in splines]))
    if model.extrapolation == "linear":
        slopes = np.array([[spline(spline.t[at], nu=1) for at in (degree, -degree - 1)] for spline in splines])
        found = nodes.add("Add", [found, continued(nodes, nodes.add("Sub", [x, inside]), slopes)])
    if getattr(model, "handle_missing", None) == "zeros":
        unknown = nodes.add("Unsqueeze", [nodes.add("IsNaN", [x]), nodes.constant([2])])
        found = nodes.add("Where", [unknown, nodes.constant(np.float64(0.0)), found])
    size = splines[0].c.shape[1]
    flat = nodes.add("Reshape", [found, nodes.constant([-1, width(inputs) * size])])
    if not model.include_bias:
        flat = nodes.pick(flat, np.flatnonzero((np.arange(width(inputs) * size) + 1) % size))
    return as_kind(nodes, nodes.table(flat, model.n_features_out_), sparse=model.sparse_output)


def within(nodes: Nodes, x: str, knots: NDArray[np.float64], extrapolation: str) -> str:
    """The place at which the splines are taken for each x."""
    low, high = row(knots[:, 0]), row(knots[:, -1])
    if extrapolation in ("constant", "linear"):
        return nodes.add("Min", [nodes.add("Max", [x, nodes.constant(low)]), nodes.constant(high)])
    if extrapolation == "periodic":
        if (low == high).any():
            raise NotImplementedError("a column has a single value")
        period = nodes.constant(high - low)
        rest = nodes.add("Mod", [nodes.add("Sub", [x, nodes.constant(low)]), period], fmod=1)
        below = nodes.add("Less", [rest, nodes.constant(np.float64(0.0))])
        rest = nodes.add("Where", [below, nodes.add("Add", [rest, period]), rest])
        return nodes.add("Add", [rest, nodes.constant(low)])
    return x


def pieces(spline: Any) -> NDArray[np.float64]:
    """The coefficients `[intervals, degree + 1, S]` of each spline between two knots, lowest power first."""
    starts = spline.t[spline.k : len(spline.t) - spline.k - 1]
    return np.stack([spline(starts, nu=power) / factorial(power) for power in range(spline.k + 1)], axis=1)


def polynomials(nodes: Nodes, x: str, knots: NDArray[np.float64], coefficients: NDArray[np.float64]) -> str:
    """The splines' values `[N, F, S]`; beyond the knots the first and the last polynomial go on."""
    columns, count = len(knots), knots.shape[1] - 1
    index = places(nodes, x, knots[:, 1:-1], count)
    starts = nodes.add("Gather", [nodes.constant(knots[:, :-1].ravel()), index], axis=0)
    far = nodes.add("Unsqueeze", [nodes.add("Sub", [x, starts]), nodes.constant([2, 3])])
    powers = nodes.add("Pow", [far, nodes.constant(np.arange(float(coefficients.shape[2])))])
    table = nodes.constant(coefficients.reshape(columns * count, *coefficients.shape[2:]))
    values = nodes.add("MatMul", [powers, nodes.add("Gather", [table, index], axis=0)])
    return nodes.add("Squeeze", [values, nodes.constant([2])])


def continued(nodes: Nodes, far: str, slopes: NDArray[np.float64]) -> str:
    """What straight lines add beyond the knots, for the distances `[N, F]` and slopes `[F, 2, S]`."""
    distance = nodes.add("Unsqueeze", [far, nodes.constant([2])])
    below = nodes.add("Less", [distance, nodes.constant(np.float64(0.0))])
    slope = nodes.add("Where", [below, nodes.constant(slopes[:, 0]), nodes.constant(slopes[:, 1])])
    return nodes.add("Mul", [distance, slope])


TRANSFORMERS = {SplineTransformer: expand}
BORDERS = {SplineTransformer: Borders(lambda model: by_feature(spline.t for spline in model.bsplines_))}
