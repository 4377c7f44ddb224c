"""Kernel ridge regression."""

from typing import Any

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.converters.linear_model import dense
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.tracing.pairs import between


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The kernel with the training rows, times the dual coefficients."""
    points = dense(model.X_fit_)
    weights = np.asarray(model.dual_coef_, np.float64).reshape(len(points), -1)
    x = nodes.matrix(inputs)
    if model.kernel == "linear":
        # The product of the rows with the coefficients, made once and with more digits than scikit-learn has.
        linear = points.T.astype(np.longdouble) @ weights.astype(np.longdouble)
        return {"prediction": nodes.add("MatMul", [x, nodes.constant(linear.astype(np.float64))])}
    options = {"gamma": model.gamma, "coef0": model.coef0, "degree": model.degree}
    kernel = between(nodes, x, points, model.kernel, model.kernel_params, **options)
    return {"prediction": nodes.add("MatMul", [kernel, nodes.constant(weights)])}


PREDICTORS = {KernelRidge: convert}
BORDERS = {KernelRidge: NOWHERE}
