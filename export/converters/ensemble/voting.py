"""VotingClassifier and VotingRegressor: the mean of several predictions, or the most votes."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.ensemble import VotingClassifier, VotingRegressor

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import at, labelled
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Hard: the class with the most votes. Soft: the mean of the probabilities."""
    if model.voting == "soft":
        return labelled(nodes, model, mean(nodes, model, inputs, "probabilities"))
    weights = np.ones(len(model.estimators_)) if model.weights is None else np.array(model._weights_not_none)
    votes = []
    for estimator, weight in zip(model.estimators_, weights, strict=True):
        label = nodes.outputs(estimator, inputs)["label"]
        chosen = nodes.add("Equal", [nodes.column(label), nodes.constant(np.arange(len(model.classes_))[np.newaxis])])
        vote = nodes.add("Mul", [nodes.cast(chosen, TensorProto.DOUBLE), nodes.constant(float(weight))])
        votes.append(vote)
    most = nodes.add("ArgMax", [nodes.ordered_sum(nodes.stack(votes))], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, most)}


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the predictions."""
    return {"prediction": mean(nodes, model, inputs, "prediction")}


def mean(nodes: Nodes, model: Any, inputs: Inputs, output: str) -> str:
    """The weighted mean of one output of all estimators, as `numpy.average` computes it."""
    found = [nodes.outputs(estimator, inputs)[output] for estimator in model.estimators_]
    weights = model._weights_not_none
    if weights is not None:
        found = [nodes.add("Mul", [x, nodes.constant(float(weight))]) for x, weight in zip(found, weights, strict=True)]
    total = len(found) if weights is None else float(np.sum(weights, dtype=np.float64))
    return nodes.add("Div", [nodes.ordered_sum(nodes.stack(found)), nodes.constant(np.float64(total))])


PREDICTORS = {VotingClassifier: convert_classifier, VotingRegressor: convert_regressor}
BORDERS = {VotingClassifier: ANSWER, VotingRegressor: PARTS}
