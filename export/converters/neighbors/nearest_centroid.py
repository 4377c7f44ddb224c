"""NearestCentroid: the class whose mean or median is nearest."""

from typing import Any

import numpy as np
from sklearn.neighbors import NearestCentroid

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.arithmetic.centres import distances, nearest, smallest
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.metrics import Metric
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import has_priors


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """With equal priors scikit-learn takes the label from plain distances, and only the scores from scaled ones."""
    x = nodes.matrix(inputs)
    euclidean = model.metric == "euclidean"
    if model.metric not in ("euclidean", "manhattan"):
        raise NotImplementedError(f"its metric is {model.metric!r}")
    scores = discriminant(nodes, model, x) if has_priors(model) else ""
    if scores and not np.isclose(model.class_prior_, 1 / len(model.classes_)).all():
        label = nodes.add("ArgMax", [scores], axis=1, keepdims=0)
    elif euclidean:
        label = nearest(nodes, x, model.centroids_)
    else:
        label = smallest(nodes, Metric("manhattan", 1).reduced(nodes, x, model.centroids_))
    outputs = {"label": at(nodes, model.classes_, label)}
    return outputs | scored(nodes, model, scores) if scores and euclidean else outputs


def discriminant(nodes: Nodes, model: Any, x: str) -> str:
    """2 * log(prior) - distance^2, after division by the standard deviations within the classes."""
    deviation = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)[np.newaxis]
    scaled = nodes.add("Div", [x, nodes.constant(deviation)])
    centroids = model.centroids_ / deviation
    if model.metric == "euclidean":
        away = distances(nodes, scaled, centroids)
    else:
        away = Metric("manhattan", 1).reduced(nodes, scaled, centroids)
    with np.errstate(divide="ignore"):
        prior = 2.0 * np.log(model.class_prior_)[np.newaxis]
    return nodes.add("Add", [nodes.add("Neg", [nodes.add("Mul", [away, away])]), nodes.constant(prior)])


def scored(nodes: Nodes, model: Any, scores: str) -> Outputs:
    """The probabilities and the decision."""
    axis = nodes.constant(np.array([1]))
    likelihood = nodes.add("Sub", [scores, nodes.add("ReduceMax", [scores, axis], keepdims=1)])
    total = nodes.add("ReduceSum", [nodes.add("Exp", [likelihood]), axis], keepdims=1)
    probabilities = nodes.add("Exp", [nodes.add("Sub", [likelihood, nodes.add("Log", [total])])])
    if len(model.classes_) == 2:
        scores = nodes.add("Sub", [nodes.pick(scores, [1]), nodes.pick(scores, [0])])
    return {"probabilities": probabilities, "decision": scores}


PREDICTORS = {NearestCentroid: convert}
BORDERS = {NearestCentroid: MARGIN}
