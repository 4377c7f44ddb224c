"""Naive Bayes: for each class the logarithm of its joint probability with the row, then Bayes' rule."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

from alpenglow._export.arithmetic.borders import MARGIN, Borders, Edge, by_feature, label, rows_of
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.products import times
from alpenglow._export.arithmetic.sums import pairwise_sum
from alpenglow._export.graph.columns import kind_of
from alpenglow._export.graph.hashes import values, with_values
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs

# No table has so many rows: ONNX Runtime refuses to look there, as scikit-learn refuses a category it does not know.
NOWHERE = 2**40


def convert_gaussian(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The squared distance from each class's mean, in units of its variance; features are added as NumPy adds a row."""
    mean, variance = finite(model.theta_), positive(model.var_)
    turned = nodes.add("Transpose", [nodes.matrix(inputs)], perm=[1, 0])
    columns = nodes.add("Unsqueeze", [turned, nodes.constant(np.array([2]))])
    away = nodes.add("Sub", [columns, nodes.constant(np.ascontiguousarray(mean.T)[:, np.newaxis])])  # [F, N, C]
    spreads = nodes.constant(np.ascontiguousarray(variance.T)[:, np.newaxis])
    squares = nodes.add("Div", [nodes.add("Mul", [away, away]), spreads])
    half = nodes.add("Mul", [pairwise_sum(nodes, squares, mean.shape[1]), nodes.constant(0.5)])
    spread = -0.5 * np.sum(np.log(2.0 * np.pi * variance), axis=1)
    unnormalized = nodes.add("Sub", [nodes.constant(spread), half])
    return bayes(nodes, model, nodes.add("Add", [unnormalized, nodes.constant(logarithm(model.class_prior_))]))


def convert_multinomial(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Counts times the logarithms of the features' probabilities."""
    likelihood = times(nodes, inputs, finite(model.feature_log_prob_).T)
    if isinstance(model, ComplementNB) and len(model.classes_) > 1:
        return bayes(nodes, model, likelihood)
    return bayes(nodes, model, nodes.add("Add", [likelihood, nodes.constant(model.class_log_prior_)]))


def convert_bernoulli(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Each feature is there or not, and counts either way."""
    if model.binarize is not None:
        above = nodes.add("Greater", [values(nodes, inputs), nodes.constant(float(model.binarize))])
        inputs = with_values(nodes, inputs, nodes.cast(above, TensorProto.DOUBLE), kind_of(inputs))
    there = finite(model.feature_log_prob_)
    with np.errstate(divide="ignore"):
        absent = finite(np.log(1 - np.exp(there)))
    likelihood = times(nodes, inputs, (there - absent).T)
    prior = model.class_log_prior_ + absent.sum(axis=1)
    return bayes(nodes, model, nodes.add("Add", [likelihood, nodes.constant(prior)]))


def convert_categorical(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """A table of logarithms for each feature, one below the other, and the rows' places in it."""
    sizes = np.array([table.shape[1] for table in model.feature_log_prob_])
    table = finite(np.concatenate(model.feature_log_prob_, axis=1).T)  # [categories of all features, C]
    category = nodes.cast(nodes.matrix(inputs), TensorProto.INT64)  # cut to a whole number, as scikit-learn does
    first = nodes.constant((np.cumsum(sizes) - sizes)[np.newaxis])
    below = nodes.add("Less", [category, nodes.constant(np.int64(0))])
    above = nodes.add("GreaterOrEqual", [category, nodes.constant(sizes[np.newaxis])])
    unknown = nodes.add("Or", [below, above])
    place = nodes.add("Where", [unknown, nodes.constant(np.int64(NOWHERE)), nodes.add("Add", [category, first])])
    found = nodes.add("Gather", [nodes.constant(table), nodes.add("Transpose", [place], perm=[1, 0])], axis=0)
    likelihood = nodes.ordered_sum(found)
    return bayes(nodes, model, nodes.add("Add", [likelihood, nodes.constant(model.class_log_prior_)]))


def finite(parameters: Any) -> NDArray[np.float64]:
    """Parameters that scikit-learn can compute with; without smoothing, it answers NaN."""
    array = np.asarray(parameters, np.float64)
    if not np.isfinite(array).all():
        raise NotImplementedError("it was fitted without smoothing and holds infinite parameters")
    return array


def positive(variance: Any) -> NDArray[np.float64]:
    """Variances that can be divided by."""
    if not np.all(variance > 0):
        raise NotImplementedError("it was fitted without smoothing on a constant feature, whose variance is zero")
    return finite(variance)


def logarithm(prior: Any) -> NDArray[np.float64]:
    """The logarithm; a class may have the prior zero."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.asarray(prior, np.float64)))


def bayes(nodes: Nodes, model: Any, joint: str) -> Outputs:
    """The class with the largest joint probability, and the probabilities given the row, `[N, C]`."""
    best = nodes.add("ArgMax", [joint], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, best), "probabilities": normalised(nodes, joint)}


def normalised(nodes: Nodes, joint: str) -> str:
    """`exp(joint - logsumexp(joint))`, where the largest ones are counted apart from the sum of the others.

    No softmax: of likelihoods so small that the logarithm of the sum is nothing beside them, scikit-learn's
    probabilities do not sum to one.
    """
    across = nodes.constant(np.array([1]))
    most = nodes.add("ReduceMax", [joint, across], keepdims=1)
    largest = nodes.add("Equal", [joint, most])
    count = nodes.add("ReduceSum", [nodes.cast(largest, TensorProto.DOUBLE), across], keepdims=1)
    less = nodes.add("Where", [largest, nodes.constant(0.0), nodes.add("Exp", [nodes.add("Sub", [joint, most])])])
    others = nodes.add("Div", [nodes.add("ReduceSum", [less, across], keepdims=1), count])
    beside = nodes.add("Log", [nodes.add("Add", [others, nodes.constant(1.0)])])
    total = nodes.add("Add", [nodes.add("Add", [beside, nodes.add("Log", [count])]), most])
    return nodes.add("Exp", [nodes.add("Sub", [joint, total])])


def binarized(model: Any) -> Iterable[Edge]:
    """Where BernoulliNB tells zero from one."""
    return () if model.binarize is None else rows_of(np.full(model.n_features_in_, model.binarize))


PREDICTORS = {
    BernoulliNB: convert_bernoulli,
    CategoricalNB: convert_categorical,
    **dict.fromkeys((ComplementNB, MultinomialNB), convert_multinomial),
    GaussianNB: convert_gaussian,
}
BORDERS = {
    BernoulliNB: Borders(binarized, decisions=(label,)),
    CategoricalNB: Borders(lambda model: by_feature(map(np.arange, model.n_categories_)), decisions=(label,)),
    **dict.fromkeys((ComplementNB, GaussianNB, MultinomialNB), MARGIN),
}
