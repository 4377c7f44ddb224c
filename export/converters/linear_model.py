"""Linear models: a product with the coefficients, and what the family makes of it.

Of two classes scikit-learn keeps one score and compares it with zero. Here the first class gets a score of its own,
zero: the larger of the two scores is then the label, and the probabilities are their softmax, in fewer nodes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    MultiTaskElasticNet,
    MultiTaskElasticNetCV,
    MultiTaskLasso,
    MultiTaskLassoCV,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    RANSACRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)

from alpenglow._export.arithmetic.borders import MARGIN, NOWHERE
from alpenglow._export.arithmetic.classes import at, indicated, sides
from alpenglow._export.arithmetic.links import expit, inverse
from alpenglow._export.arithmetic.products import times
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.pipeline.labels import classes_by_label
from alpenglow._export.versions import logistic_probabilities

# Scores past this are certain; what is larger, up to infinity, gives the same probabilities, and Softmax no NaN.
CERTAIN = 1000.0


def product(nodes: Nodes, x: str, coefficients: Any, intercept: Any) -> str:
    """`x @ coefficients.T + intercept`, `[N, T]`, rounded once more before the intercept as in scikit-learn."""
    weights = nodes.constant(dense(coefficients).T)
    return shifted(nodes, nodes.add("MatMul", [x, weights]), intercept)


def linear(nodes: Nodes, inputs: Inputs, coefficients: Any, intercept: Any) -> str:
    """The same of all columns."""
    return shifted(nodes, times(nodes, inputs, dense(coefficients).T), intercept)


def shifted(nodes: Nodes, x: str, intercept: Any) -> str:
    """`x + intercept`."""
    return nodes.add("Add", [x, nodes.constant(np.ravel(intercept).astype(np.float64))])


def dense(matrix: Any) -> NDArray[np.float64]:
    """A matrix float64, also of a model that keeps it sparse or has one row only."""
    return np.atleast_2d(matrix.toarray() if hasattr(matrix, "toarray") else matrix).astype(np.float64)


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The product alone."""
    return {"prediction": linear(nodes, inputs, model.coef_, model.intercept_)}


def convert_generalized(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The inverse link of the product."""
    raw = linear(nodes, inputs, model.coef_, model.intercept_)
    return {"prediction": inverse(nodes, model._base_loss.link, raw)}


def convert_consensus(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """RANSAC: whatever was fitted to the inliers."""
    return nodes.outputs(model.estimator_, inputs)


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class with the largest score; of several labels each whose score is above zero."""
    if classes_by_label(model):
        scores = product(nodes, nodes.matrix(inputs), model.coef_, model.intercept_)
        return {"label": indicated(nodes, scores, 0.0), "decision": scores}
    scores = class_scores(nodes, model, inputs)
    best = nodes.add("ArgMax", [scores], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, best), "decision": decision(nodes, model, scores)}


def convert_logistic(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The same, and the softmax of the scores."""
    scores = class_scores(nodes, model, inputs)
    best = nodes.add("ArgMax", [scores], axis=1, keepdims=0)
    return {
        "label": at(nodes, model.classes_, best),
        "decision": decision(nodes, model, scores),
        "probabilities": logistic(nodes, model, scores),
    }


def logistic(nodes: Nodes, model: Any, scores: str) -> str:
    """The probabilities `[N, C]`."""
    how = logistic_probabilities(model)
    if how == "shares":
        return normalized(nodes, expit(nodes, scores))
    if how == "symmetric":
        second = nodes.pick(scores, [1])
        scores = nodes.add("Concat", [nodes.add("Neg", [second]), second], axis=1)
    finite = nodes.add("Min", [scores, nodes.constant(CERTAIN)]) if len(model.classes_) == 2 else scores
    return nodes.add("Softmax", [finite], axis=1)


def convert_gradient_descent(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Several classes have a probability each, one against the rest, and these are made to add up to one."""
    if not hasattr(model, "predict_proba"):
        return convert_classifier(nodes, model, inputs)
    two = len(model.classes_) == 2
    if two and model.loss == "log_loss":
        return convert_logistic(nodes, model, inputs)
    found = convert_classifier(nodes, model, inputs)
    if model.loss == "log_loss":
        return found | {"probabilities": normalized(nodes, expit(nodes, found["decision"]))}
    clipped = nodes.add("Clip", [found["decision"], nodes.constant(-1.0), nodes.constant(1.0)])
    half = nodes.add("Div", [nodes.add("Add", [clipped, nodes.constant(1.0)]), nodes.constant(2.0)])
    return found | {"probabilities": with_rest(nodes, half) if two else normalized(nodes, half)}


def class_scores(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """A score for each class, `[N, C]`; of two classes the first has zero."""
    coefficients, intercept = dense(model.coef_), np.ravel(model.intercept_)
    if len(coefficients) == 1:
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        intercept = np.append(0.0, intercept)
    return linear(nodes, inputs, coefficients, intercept)


def decision(nodes: Nodes, model: Any, scores: str) -> str:
    """What `decision_function` returns."""
    return nodes.pick(scores, [1]) if len(model.classes_) == 2 else scores


def with_rest(nodes: Nodes, probability: str) -> str:
    """The probabilities of two classes, `[N, 2]`, from that of the second, `[N, 1]`."""
    return nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), probability]), probability], axis=1)


def normalized(nodes: Nodes, shares: str) -> str:
    """Each row divided by its sum; all alike where that is zero."""
    total = nodes.add("ReduceSum", [shares, nodes.constant(np.array([1]))], keepdims=1)
    zero = nodes.add("Equal", [total, nodes.constant(0.0)])
    some = nodes.add("Where", [zero, nodes.constant(1.0), shares])
    total = nodes.add("ReduceSum", [some, nodes.constant(np.array([1]))], keepdims=1)
    return nodes.add("Div", [some, total])


def convert_one_class(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """An inlier is above zero or on it."""
    return sides(nodes, linear(nodes, inputs, model.coef_, -model.offset_), "GreaterOrEqual")


PREDICTORS = {
    **dict.fromkeys(
        (
            ARDRegression,
            BayesianRidge,
            ElasticNet,
            ElasticNetCV,
            HuberRegressor,
            Lars,
            LarsCV,
            Lasso,
            LassoCV,
            LassoLars,
            LassoLarsCV,
            LassoLarsIC,
            LinearRegression,
            MultiTaskElasticNet,
            MultiTaskElasticNetCV,
            MultiTaskLasso,
            MultiTaskLassoCV,
            OrthogonalMatchingPursuit,
            OrthogonalMatchingPursuitCV,
            PassiveAggressiveRegressor,
            QuantileRegressor,
            Ridge,
            RidgeCV,
            SGDRegressor,
            TheilSenRegressor,
        ),
        convert_regressor,
    ),
    **dict.fromkeys((GammaRegressor, PoissonRegressor, TweedieRegressor), convert_generalized),
    RANSACRegressor: convert_consensus,
    **dict.fromkeys((PassiveAggressiveClassifier, Perceptron, RidgeClassifier, RidgeClassifierCV), convert_classifier),
    **dict.fromkeys((LogisticRegression, LogisticRegressionCV), convert_logistic),
    SGDOneClassSVM: convert_one_class,
    SGDClassifier: convert_gradient_descent,
}
DECIDING = {convert_classifier, convert_logistic, convert_one_class, convert_gradient_descent}
BORDERS = {kind: MARGIN if convert in DECIDING else NOWHERE for kind, convert in PREDICTORS.items()}
