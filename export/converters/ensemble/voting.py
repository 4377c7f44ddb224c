"""VotingClassifier and VotingRegressor: the mean of several predictions, or the most votes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.ensemble import VotingClassifier, VotingRegressor

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import at, labelled
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Hard: the class with the most votes. Soft: the mean of the probabilities."""
    weights = model._weights_not_none
    if model.voting == "soft":
        return labelled(nodes, model, mean(nodes, model.estimators_, weights, inputs, "probabilities"))
    numbers = np.arange(len(model.classes_))
    return {"label": at(nodes, model.classes_, most_votes(nodes, model.estimators_, weights, inputs, numbers))}


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the predictions."""
    return {"prediction": mean(nodes, model.estimators_, model._weights_not_none, inputs, "prediction")}


def most_votes(
    nodes: Nodes, estimators: Sequence[Any], weights: Sequence[float] | None, inputs: Inputs, classes: NDArray[Any]
) -> str:
    """The number `[N]` of the first class that has the most votes, added in turn; `classes` is what they answer."""
    votes = []
    for estimator, weight in zip(estimators, weights or np.ones(len(estimators)), strict=True):
        label = nodes.outputs(estimator, inputs)["label"]
        chosen = nodes.add("Equal", [nodes.column(label), nodes.constant(classes[np.newaxis])])
        vote = nodes.add("Mul", [nodes.cast(chosen, TensorProto.DOUBLE), nodes.constant(float(weight))])
        votes.append(vote)
    return nodes.add("ArgMax", [nodes.ordered_sum(nodes.stack(votes))], axis=1, keepdims=0)


def mean(nodes: Nodes, estimators: Sequence[Any], weights: Sequence[float] | None, inputs: Inputs, output: str) -> str:
    """The weighted mean of one output of all estimators, as `numpy.average` computes it."""
    found = [nodes.outputs(estimator, inputs)[output] for estimator in estimators]
    if weights is not None:
        found = [nodes.add("Mul", [x, nodes.constant(float(weight))]) for x, weight in zip(found, weights, strict=True)]
    total = len(found) if weights is None else float(np.sum(weights, dtype=np.float64))
    return nodes.add("Div", [nodes.ordered_sum(nodes.stack(found)), nodes.constant(np.float64(total))])


PREDICTORS = {VotingClassifier: convert_classifier, VotingRegressor: convert_regressor}
BORDERS = {VotingClassifier: ANSWER, VotingRegressor: PARTS}
