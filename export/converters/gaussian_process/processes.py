"""Gaussian processes: the kernel with the training rows, times what was fitted."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process._gpc import COEFS, LAMBDAS, _BinaryGaussianProcessClassifierLaplace

from alpenglow._export.arithmetic.borders import MARGIN, NOWHERE
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.erf import erf
from alpenglow._export.converters.gaussian_process.kernels import between, itself
from alpenglow._export.converters.linear_model import with_rest
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The posterior's mean."""
    covariance = between(nodes, model.kernel_, nodes.matrix(inputs), model.X_train_)
    weights = np.asarray(model.alpha_, np.float64).reshape(len(model.X_train_), -1)
    mean = nodes.add("MatMul", [covariance, nodes.constant(weights)])
    scaled = nodes.add("Mul", [mean, nodes.constant(np.asarray(model._y_train_std, np.float64))])
    return {"prediction": nodes.add("Add", [scaled, nodes.constant(np.asarray(model._y_train_mean, np.float64))])}


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Of two classes, a process; of several, one for each class against the rest."""
    if model.n_classes_ > 2 and model.multi_class == "one_vs_one":
        raise NotImplementedError("it has predict_proba, but scikit-learn raises there (multi_class='one_vs_one')")
    return nodes.outputs(model.base_estimator_, inputs)


def convert_two_classes(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The second class, if the latent mean is above zero; its probability is the mean of the logistic function."""
    x = nodes.matrix(inputs)
    covariance = between(nodes, model.kernel_, x, model.X_train_)
    fitted = np.asarray(model.y_train_ - model.pi_, np.float64)
    mean = nodes.add("MatMul", [covariance, nodes.constant(fitted[:, np.newaxis])])
    second = nodes.cast(nodes.add("Greater", [nodes.flat(mean), nodes.constant(0.0)]), TensorProto.INT64)
    whitening = np.linalg.solve(model.L_, np.diag(model.W_sr_))
    solved = nodes.add("MatMul", [covariance, nodes.constant(whitening.T)])
    known = nodes.add("ReduceSumSquare", [solved, nodes.constant(np.array([1]))], keepdims=1)
    variance = nodes.add("Sub", [itself(nodes, model.kernel_, x), known])
    probabilities = with_rest(nodes, mean_of_logistic(nodes, mean, variance))
    return {"label": at(nodes, model.classes_, second), "probabilities": probabilities}


def mean_of_logistic(nodes: Nodes, mean: str, variance: str) -> str:
    """Over a normal distribution, by five error functions, in the order of scikit-learn's own formula, `[N, 1]`."""
    widths, heights = LAMBDAS.T, COEFS.T  # [1, 5]

    def apply(op: str, x: str, y: Any) -> str:
        return nodes.add(op, [x, nodes.constant(y)])

    alpha = nodes.add("Div", [nodes.constant(1.0), apply("Mul", variance, 2.0)])
    gamma = apply("Mul", mean, widths)
    ratio = nodes.add("Sqrt", [nodes.add("Div", [alpha, apply("Add", alpha, widths**2)])])
    value = erf(nodes, nodes.add("Mul", [gamma, ratio]))
    peak = nodes.add("Sqrt", [nodes.add("Div", [nodes.constant(np.pi), alpha])])
    spread = apply("Mul", nodes.add("Sqrt", [apply("Mul", apply("Mul", variance, 2.0), np.pi)]), 2.0)
    integrals = nodes.add("Div", [nodes.add("Mul", [peak, value]), spread])
    terms = nodes.add("Transpose", [apply("Mul", integrals, heights)], perm=[1, 0])
    return apply("Add", nodes.column(nodes.ordered_sum(terms)), float(0.5 * COEFS.sum()))


PREDICTORS = {
    GaussianProcessClassifier: convert_classifier,
    GaussianProcessRegressor: convert_regressor,
    _BinaryGaussianProcessClassifierLaplace: convert_two_classes,
}
BORDERS = {
    GaussianProcessClassifier: MARGIN,
    GaussianProcessRegressor: NOWHERE,
    _BinaryGaussianProcessClassifierLaplace: MARGIN,
}
