"""PowerTransformer, within 1e-14 of scikit-learn's for what is not next to a pole."""

from typing import Any

import numpy as np
from sklearn.preprocessing import PowerTransformer

from alpenglow._export.arithmetic.borders import Borders, rows_of
from alpenglow._export.arithmetic.functions import expm1, log1p
from alpenglow._export.converters.preprocessing.scalers import row, standard
from alpenglow._export.graph.columns import width
from alpenglow._export.graph.nodes import Inputs, Nodes

EPSILON = np.finfo(np.float64).eps


def power(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The power, and the scaling that follows it if wanted."""
    make = box_cox if model.method == "box-cox" else yeo_johnson
    found = nodes.table(make(nodes, nodes.matrix(inputs), row(model.lambdas_)), width(inputs))
    return standard(nodes, model._scaler, found) if model.standardize else found


def yeo_johnson(nodes: Nodes, x: str, lambdas: Any) -> str:
    """With p = lambda where x >= 0 and 2 - lambda where it is not: expm1(p * log1p(|x|)) / p, with the sign of x."""
    positive = nodes.add("GreaterOrEqual", [x, nodes.constant(np.float64(0.0))])
    # SciPy takes the logarithm itself in place of a power next to zero. Those powers become zero here, and what a
    # division by zero gives is not taken.
    powers = (
        np.where(np.abs(lambdas) < EPSILON, 0.0, lambdas),
        np.where(np.abs(lambdas - 2) <= EPSILON, 0.0, 2 - lambdas),
    )
    p = nodes.add("Where", [positive, *map(nodes.constant, powers)])
    log = log1p(nodes, nodes.add("Abs", [x]))
    size = nodes.add("Div", [expm1(nodes, nodes.add("Mul", [p, log])), p])
    if not np.all(powers):
        size = nodes.add("Where", [nodes.add("Equal", [p, nodes.constant(np.float64(0.0))]), log, size])
    return nodes.add("Where", [positive, size, nodes.add("Neg", [size])])


def box_cox(nodes: Nodes, x: str, lambdas: Any) -> str:
    """expm1(lambda * log(x)) / lambda."""
    none = np.abs(lambdas) < 1e-19
    p = nodes.constant(np.where(none, 1.0, lambdas))
    log = nodes.add("Log", [x])
    found = nodes.add("Div", [expm1(nodes, nodes.add("Mul", [p, log])), p])
    return nodes.add("Where", [nodes.constant(none), log, found]) if np.any(none) else found


TRANSFORMERS = {PowerTransformer: power}
BORDERS = {PowerTransformer: Borders(lambda model: rows_of(np.zeros(model.n_features_in_)))}
