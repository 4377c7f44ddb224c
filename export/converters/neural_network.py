"""Neural networks: a product and an activation for each layer."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.neural_network import MLPClassifier, MLPRegressor

from alpenglow._export.arithmetic.borders import NOWHERE, Borders, label
from alpenglow._export.arithmetic.classes import at, indicated, labelled
from alpenglow._export.arithmetic.links import expit
from alpenglow._export.converters.linear_model import linear, product, with_rest
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs

HIDDEN = {"identity": "Identity", "logistic": "Sigmoid", "relu": "Relu", "tanh": "Tanh"}


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Of two classes the second, if its probability is more than a half; of several the most probable.

    Of several labels each that has a probability of more than a half.
    """
    raw = last_layer(nodes, model, inputs)
    if model.out_activation_ == "softmax":
        return labelled(nodes, model, nodes.add("Softmax", [raw], axis=1))
    probability = expit(nodes, raw)
    if model.n_outputs_ > 1:
        return {"label": indicated(nodes, probability, 0.5), "probabilities": probability}
    second = nodes.add("Greater", [nodes.pick(probability, 0), nodes.constant(0.5)])
    return {
        "label": at(nodes, model.classes_, nodes.cast(second, TensorProto.INT64)),
        "probabilities": with_rest(nodes, probability),
    }


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The last layer, for counts its exponential."""
    raw = last_layer(nodes, model, inputs)
    if model.out_activation_ == "exp":
        return {"prediction": nodes.add("Exp", [raw])}
    if model.out_activation_ == "identity":
        return {"prediction": raw}
    raise NotImplementedError(f"it has an output activation that is not known, {model.out_activation_!r}")


def last_layer(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """What comes out of the network before its output activation, `[N, outputs]`."""
    first, *layers = zip(model.coefs_, model.intercepts_, strict=True)
    x = linear(nodes, inputs, np.transpose(first[0]), first[1])
    for weights, intercept in layers:
        x = product(nodes, nodes.add(HIDDEN[model.activation], [x]), np.transpose(weights), intercept)
    return x


PREDICTORS = {MLPClassifier: convert_classifier, MLPRegressor: convert_regressor}
BORDERS = {MLPClassifier: Borders(decisions=(label,), rounded=True), MLPRegressor: NOWHERE}
