"""Dummies: the same answer for every row."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.dummy import DummyClassifier, DummyRegressor

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.classes import at, each_labelled
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The most frequent class or the one that was asked for."""
    if model.strategy in ("stratified", "uniform"):
        raise NotImplementedError(f"it answers at random (strategy={model.strategy!r})")
    row = zeros(nodes, inputs)
    several = model.n_outputs_ > 1
    known = zip(model.classes_, model.class_prior_, strict=True) if several else [(model.classes_, model.class_prior_)]
    constants = [None] * model.n_outputs_ if model.constant is None else np.ravel(np.array(model.constant, object))
    answers = [answer(model.strategy, *each, constant) for each, constant in zip(known, constants, strict=True)]
    if not several:
        label, shares = answers[0]
        return {"label": at(nodes, label, row), "probabilities": each_row(nodes, shares, row)}
    found = [each_row(nodes, shares, row) for _, shares in answers]
    return each_labelled(nodes, [label for label, _ in answers], found, [row] * len(found))


def answer(strategy: str, classes: NDArray[Any], prior: Any, constant: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The label `[1]` and the probabilities `[C]` of one target."""
    chosen = int(np.argmax(prior))
    if strategy == "constant":
        chosen = int(np.flatnonzero(classes == constant)[0])
    shares = np.asarray(prior, np.float64) if strategy == "prior" else np.eye(len(classes))[chosen]
    return classes[[chosen]], shares


def each_row(nodes: Nodes, values: NDArray[np.float64], row: str) -> str:
    """The same numbers for each row, `[N, K]`."""
    return nodes.add("Gather", [nodes.constant(values[np.newaxis]), row], axis=0)


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
