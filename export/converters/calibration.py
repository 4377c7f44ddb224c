"""CalibratedClassifierCV: probabilities corrected by a sigmoid, a step-wise linear function or a temperature."""

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.arithmetic.classes import labelled
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import response, scores_method


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the calibrated classifiers."""
    found = [calibrated(nodes, pair, inputs) for pair in model.calibrated_classifiers_]
    mean = nodes.add("Div", [nodes.ordered_sum(nodes.stack(found)), nodes.constant(float(len(found)))])
    return labelled(nodes, model, mean)


def calibrated(nodes: Nodes, pair: Any, inputs: Inputs) -> str:
    """The probabilities `[N, C]` of one classifier with its calibrators."""
    method = scores_method(pair.estimator)
    scores = response(nodes, pair.estimator, inputs, method)
    two = len(pair.classes) == 2
    if pair.method == "temperature":
        found = tempered(nodes, pair.calibrators[0], scores, method, two=two)
    else:
        found = one_by_one(nodes, pair, nodes.pick(scores, [1]) if two and method == "predict_proba" else scores)
    return nodes.add("Min", [found, nodes.constant(1.0)])  # rounding may lead beyond


def one_by_one(nodes: Nodes, pair: Any, scores: str) -> str:
    """Each class calibrated apart, then made to sum to one."""
    calibrate = sigmoid if pair.method == "sigmoid" else isotonic
    if len(pair.classes) == 2:
        second = calibrate(nodes, pair.calibrators[0], scores)
        return nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), second]), second], axis=1)
    places = np.searchsorted(pair.classes, pair.estimator.classes_)
    found = {}
    for index, (place, calibrator) in enumerate(zip(places, pair.calibrators, strict=False)):
        found[int(place)] = calibrate(nodes, calibrator, nodes.pick(scores, [index]))
    zero = nodes.add("Mul", [next(iter(found.values())), nodes.constant(0.0)]) if len(found) < len(pair.classes) else ""
    columns = [found.get(place, zero) for place in range(len(pair.classes))]
    total = nodes.ordered_sum(nodes.stack(columns))
    none = nodes.add("Equal", [total, nodes.constant(0.0)])
    some = nodes.add("Where", [none, nodes.constant(1.0), total])
    share = nodes.add("Div", [nodes.add("Concat", columns, axis=1), some])
    return nodes.add("Where", [none, nodes.constant(1 / len(pair.classes)), share])


def sigmoid(nodes: Nodes, calibrator: Any, scores: str) -> str:
    """1 / (1 + exp(a * score + b))."""
    line = nodes.add("Mul", [scores, nodes.constant(float(calibrator.a_))])
    growth = nodes.add("Exp", [nodes.add("Add", [line, nodes.constant(float(calibrator.b_))])])
    return nodes.add("Div", [nodes.constant(1.0), nodes.add("Add", [growth, nodes.constant(1.0)])])


def isotonic(nodes: Nodes, calibrator: Any, scores: str) -> str:
    """Linear between the fitted points, constant beyond them."""
    return nodes.outputs(calibrator, nodes.table(scores, 1))["prediction"]


def tempered(nodes: Nodes, calibrator: Any, scores: str, method: str, *, two: bool) -> str:
    """The softmax of logits that are divided by the temperature."""
    if method == "predict_proba":
        if two:
            second = nodes.pick(scores, [1])
            scores = nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), second]), second], axis=1)
        logits = nodes.add("Log", [nodes.add("Add", [scores, nodes.constant(1e-12)])])
    else:
        logits = nodes.add("Concat", [nodes.add("Neg", [scores]), scores], axis=1) if two else scores
    scaled = nodes.add("Mul", [logits, nodes.constant(float(calibrator.beta_))])
    most = nodes.add("ReduceMax", [scaled, nodes.constant(np.array([1]))], keepdims=1)
    growth = nodes.add("Exp", [nodes.add("Sub", [scaled, most])])
    total = nodes.add("ReduceSum", [growth, nodes.constant(np.array([1]))], keepdims=1)
    return nodes.add("Div", [growth, total])


PREDICTORS = {CalibratedClassifierCV: convert}
BORDERS = {CalibratedClassifierCV: MARGIN}
