"""TransformedTargetRegressor: a regressor on transformed targets, whose predictions are transformed back.

Scaling back is exact; powers, exponentials and logarithms are within 1e-12 of scikit-learn's.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.arithmetic.functions import log1p
from alpenglow._export.converters.preprocessing.functions import inverse
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Predict, and go back."""
    predicted = nodes.outputs(model.regressor_, inputs)["prediction"]
    return {"prediction": back(nodes, model.transformer_, predicted)}


def back(nodes: Nodes, transformer: Any, x: str) -> str:
    """The inverse of a transformer on predictions `[N, T]`."""
    undo = INVERSES.get(type(transformer))
    if undo is None:
        raise NotImplementedError(f"its target transformer {type(transformer).__name__} cannot be inverted in a graph")
    return undo(nodes, transformer, x)


def pipeline(nodes: Nodes, transformer: Any, x: str) -> str:
    """The steps from the last to the first."""
    for _, step in reversed(transformer.steps):
        x = x if step is None or step == "passthrough" else back(nodes, step, x)
    return x


def standard(nodes: Nodes, transformer: Any, x: str) -> str:
    """`x * scale + mean`."""
    return unscaled(
        nodes,
        x,
        transformer.scale_ if transformer.with_std else None,
        transformer.mean_ if transformer.with_mean else None,
    )


def robust(nodes: Nodes, transformer: Any, x: str) -> str:
    """`x * scale + median`."""
    center = transformer.center_ if transformer.with_centering else None
    return unscaled(nodes, x, transformer.scale_ if transformer.with_scaling else None, center)


def max_abs(nodes: Nodes, transformer: Any, x: str) -> str:
    """`x * scale`."""
    return unscaled(nodes, x, transformer.scale_, None)


def min_max(nodes: Nodes, transformer: Any, x: str) -> str:
    """`(x - min) / scale`."""
    less = nodes.add("Sub", [x, nodes.constant(row(transformer.min_))])
    return nodes.add("Div", [less, nodes.constant(row(transformer.scale_))])


def unscaled(nodes: Nodes, x: str, scale: Any, center: Any) -> str:
    """`x * scale + center`, as far as there is either."""
    if scale is not None:
        x = nodes.add("Mul", [x, nodes.constant(row(scale))])
    return x if center is None else nodes.add("Add", [x, nodes.constant(row(center))])


def function(nodes: Nodes, transformer: Any, x: str) -> str:
    """The inverse function."""
    return inverse(nodes, transformer, x, getattr(transformer, "n_features_in_", 1))


def power(nodes: Nodes, transformer: Any, x: str) -> str:
    """The scaling first, then the power, for each target apart."""
    if transformer.standardize:
        x = standard(nodes, transformer._scaler, x)
    inverse = box_cox if transformer.method == "box-cox" else yeo_johnson
    powers = [float(power) for power in transformer.lambdas_]
    found = [inverse(nodes, nodes.pick(x, [place]), power) for place, power in enumerate(powers)]
    return found[0] if len(found) == 1 else nodes.add("Concat", found, axis=1)


def box_cox(nodes: Nodes, x: str, power: float) -> str:
    """`exp(log1p(power * x) / power)`, as SciPy has it."""
    if power == 0:
        return nodes.add("Exp", [x])
    logarithm = log1p(nodes, nodes.add("Mul", [x, nodes.constant(power)]))
    return nodes.add("Exp", [nodes.add("Div", [logarithm, nodes.constant(power)])])


def yeo_johnson(nodes: Nodes, x: str, power: float) -> str:
    """Two branches, above and below zero; what has no root becomes NaN."""
    one = nodes.constant(1.0)
    spacing = np.spacing(1.0)

    def root(base: str, of: float) -> str:
        return nodes.add("Pow", [nodes.add("Add", [base, one]), nodes.constant(1 / of)])

    def times(factor: float) -> str:
        return nodes.add("Mul", [x, nodes.constant(factor)])

    grown = nodes.add("Exp", [x]) if abs(power) < spacing else root(times(power), power)
    shrunk = root(times(-(2 - power)), 2 - power) if abs(power - 2) > spacing else nodes.add("Exp", [times(-1.0)])
    above = nodes.add("GreaterOrEqual", [x, nodes.constant(0.0)])
    return nodes.add("Where", [above, nodes.add("Sub", [grown, one]), nodes.add("Sub", [one, shrunk])])


INVERSES: dict[type, Callable[[Nodes, Any, str], str]] = {
    FunctionTransformer: function,
    MaxAbsScaler: max_abs,
    MinMaxScaler: min_max,
    Pipeline: pipeline,
    PowerTransformer: power,
    RobustScaler: robust,
    StandardScaler: standard,
}
PREDICTORS = {TransformedTargetRegressor: convert}
BORDERS = {TransformedTargetRegressor: PARTS}
