"""Dummies: the same answer for every row."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper
from sklearn.dummy import DummyClassifier, DummyRegressor

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The most frequent class or the one that was asked for."""
    if model.n_outputs_ != 1:
        raise NotImplementedError("it predicts several outputs of classes at once")
    if model.strategy in ("stratified", "uniform"):
        raise NotImplementedError(f"it answers at random (strategy={model.strategy!r})")
    chosen = int(np.argmax(model.class_prior_))
    if model.strategy == "constant":
        chosen = int(np.flatnonzero(model.classes_ == np.ravel(model.constant)[0])[0])
    shares = np.eye(len(model.classes_))[chosen]
    if model.strategy == "prior":
        shares = np.asarray(model.class_prior_, np.float64)
    row = zeros(nodes, inputs)
    return {
        "label": at(nodes, model.classes_[[chosen]], row),
        "probabilities": nodes.add("Gather", [nodes.constant(shares[np.newaxis]), row], axis=0),
    }


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean, a quantile or the constant."""
    answer = np.asarray(model.constant_, np.float64).reshape(1, -1)
    return {"prediction": nodes.add("Gather", [nodes.constant(answer), zeros(nodes, inputs)], axis=0)}


def zeros(nodes: Nodes, inputs: Inputs) -> str:
    """A zero for each row, int64 `[N]`: of the inputs only their number counts."""
    rows = nodes.add("Shape", [inputs[0].full_name], start=0, end=1)
    return nodes.add("ConstantOfShape", [rows], value=helper.make_tensor("value", TensorProto.INT64, [1], [0]))


PREDICTORS = {DummyClassifier: convert_classifier, DummyRegressor: convert_regressor}
BORDERS = dict.fromkeys((DummyClassifier, DummyRegressor), NOWHERE)
