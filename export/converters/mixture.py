"""Gaussian mixtures: the component with the highest weighted logarithm of its density.

The terms and their order are scikit-learn's. Only inside a product of matrices may the order differ, so a row whose two
best components are equally likely but for the last bits may fall to either.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_log_det_cholesky

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """-(log(2 pi) * features + distance) / 2, and what does not depend on the row."""
    if model.means_.dtype != np.float64:
        raise NotImplementedError(f"it was fitted on {model.means_.dtype}")
    x = nodes.matrix(inputs)
    of_kind = {"diag": diagonal, "spherical": spherical}.get(model.covariance_type, general)
    constant = nodes.constant(model.n_features_in_ * math.log(2 * math.pi))
    total = nodes.add("Mul", [nodes.add("Add", [of_kind(nodes, model, x), constant]), nodes.constant(-0.5)])
    for term in terms(model):
        total = nodes.add("Add", [total, nodes.constant(term)])
    return {"label": nodes.add("ArgMax", [total], axis=1, keepdims=0)}


def general(nodes: Nodes, model: Any, x: str) -> str:
    """The squared distances `[N, K]` where features depend on each other: |(x - mean) @ cholesky|^2."""
    components, features = model.means_.shape
    roots = model.precisions_cholesky_
    if roots.ndim == 2:
        turned = nodes.add("MatMul", [x, nodes.constant(roots)])
        turned = nodes.add("Unsqueeze", [turned, nodes.constant(np.array([1]))])
        means = [mean @ roots for mean in model.means_]
    else:
        turned = nodes.add("MatMul", [x, nodes.constant(np.hstack(list(roots)))])
        turned = nodes.add("Reshape", [turned, nodes.constant(np.array([-1, components, features]))])
        means = [mean @ root for mean, root in zip(model.means_, roots, strict=True)]
    away = nodes.add("Sub", [turned, nodes.constant(np.array(means)[np.newaxis])])  # [N, K, F]
    return nodes.add("ReduceSumSquare", [away, nodes.constant(np.array([2]))], keepdims=0)


def diagonal(nodes: Nodes, model: Any, x: str) -> str:
    """The same where features are independent."""
    precisions = model.precisions_cholesky_**2
    fixed = nodes.constant(np.sum(model.means_**2 * precisions, axis=1)[np.newaxis])
    products = nodes.add("MatMul", [x, nodes.constant((model.means_ * precisions).T)])
    squares = nodes.add("MatMul", [nodes.add("Mul", [x, x]), nodes.constant(precisions.T)])
    return expanded(nodes, fixed, products, squares)


def spherical(nodes: Nodes, model: Any, x: str) -> str:
    """The same where they have one variance, too."""
    precisions = model.precisions_cholesky_**2
    fixed = nodes.constant((np.sum(model.means_**2, axis=1) * precisions)[np.newaxis])
    products = nodes.add("MatMul", [x, nodes.constant(model.means_.T)])
    products = nodes.add("Mul", [products, nodes.constant(precisions[np.newaxis])])
    size = nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
    return expanded(nodes, fixed, products, nodes.add("Mul", [size, nodes.constant(precisions[np.newaxis])]))


def expanded(nodes: Nodes, fixed: str, products: str, squares: str) -> str:
    """mean^2 - 2 * mean * x + x^2."""
    twice = nodes.add("Mul", [products, nodes.constant(2.0)])
    return nodes.add("Add", [nodes.add("Sub", [fixed, twice]), squares])


def terms(model: Any) -> Iterator[NDArray[np.float64]]:
    """What scikit-learn adds to each component, one after the other."""
    features = model.n_features_in_
    yield as_row(_compute_log_det_cholesky(model.precisions_cholesky_, model.covariance_type, features))
    if isinstance(model, BayesianGaussianMixture):
        yield as_row(-(0.5 * features * np.log(model.degrees_of_freedom_)))
        free = 0.5 * (model.degrees_of_freedom_ - np.arange(0, features)[:, np.newaxis])
        spread = features * np.log(2.0) + np.sum(digamma(free), 0)
        yield as_row(0.5 * (spread - features / model.mean_precision_))
    yield as_row(model._estimate_log_weights())


def as_row(values: Any) -> NDArray[np.float64]:
    """`[1, K]` or `[1, 1]`."""
    return np.atleast_2d(np.asarray(values, np.float64))


PREDICTORS = dict.fromkeys((BayesianGaussianMixture, GaussianMixture), convert)
BORDERS = dict.fromkeys(PREDICTORS, MARGIN)
