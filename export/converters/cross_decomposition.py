"""Partial least squares and canonical correlation: a product after centring."""

from typing import Any

import numpy as np
from sklearn.cross_decomposition import CCA, PLSCanonical, PLSRegression

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.converters.linear_model import product
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The centred rows times the coefficients, which hold the scale already."""
    centred = nodes.add("Sub", [nodes.matrix(inputs), nodes.constant(np.asarray(model._x_mean, np.float64))])
    return {"prediction": product(nodes, centred, model.coef_, model.intercept_)}


PREDICTORS = dict.fromkeys((CCA, PLSCanonical, PLSRegression), convert)
BORDERS = dict.fromkeys((CCA, PLSCanonical, PLSRegression), NOWHERE)
