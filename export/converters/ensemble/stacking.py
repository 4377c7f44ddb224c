"""StackingClassifier and StackingRegressor: an estimator on what other estimators answer."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.ensemble import StackingClassifier, StackingRegressor

from alpenglow._export.arithmetic.borders import MARGIN, PARTS
from alpenglow._export.arithmetic.classes import at, each_at
from alpenglow._export.graph.columns import kind_of, width
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import answer, response
from alpenglow._export.graph.text import is_string
from alpenglow._serve.signature import SHARES


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The final estimator, on the answers of the others."""
    outputs = nodes.outputs(model.final_estimator_, transform(nodes, model, inputs))
    if several(model):
        columns = [nodes.flat(nodes.pick(outputs["label"], [place])) for place in range(len(model.classes_))]
        return {"label": each_at(nodes, model.classes_, columns)}
    if is_classifier(model):
        # It was fitted on class numbers.
        outputs = outputs | {"label": at(nodes, model.classes_, outputs["label"])}
    return outputs


def several(model: Any) -> bool:
    """Whether it predicts several labels at once."""
    return isinstance(getattr(model, "classes_", None), list)


def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All answers side by side, and the inputs beside those if it passes them through."""
    found: list[Any] = []
    for estimator, method in zip(model.estimators_, model.stack_method_, strict=True):
        own = several_features if several(model) else features
        found += own(nodes, model, estimator, method, inputs)
    if model.passthrough:
        if any(is_string(variable) for variable in inputs):
            raise NotImplementedError("it passes text through to the final estimator")
        found += inputs
    return nodes.table(nodes.matrix(found), width(found), kind_of(found))


def features(nodes: Nodes, model: Any, estimator: Any, method: str, inputs: Inputs) -> Inputs:
    """One estimator's answer as columns; of two probabilities the second."""
    found = response(nodes, estimator, inputs, method)
    if method == "predict_proba":
        if len(model.classes_) == 2:
            return nodes.table(nodes.pick(found, [1]), 1)
        return nodes.table(found, len(estimator.classes_))
    if method == "decision_function":
        classes = len(estimator.classes_)
        return nodes.table(found, 1 if classes == 2 else classes)
    if is_classifier(estimator):
        if estimator.classes_.dtype.kind in "OUST":
            raise NotImplementedError("it hands labels that are text to the final estimator")
        return nodes.table(nodes.column(nodes.cast(found, TensorProto.DOUBLE)), 1)
    return nodes.table(found, 1)


def several_features(nodes: Nodes, model: Any, estimator: Any, method: str, inputs: Inputs) -> Inputs:
    """One estimator's answer of several labels as columns: all probabilities of each but the first.

    Of a matrix with those of two labels the first goes, too: scikit-learn takes it for that of the first class.
    """
    outputs, count = nodes.outputs(estimator, inputs), len(model.classes_)
    if method == "predict_proba" and "probabilities" not in outputs:
        sizes = [len(classes) for classes in estimator.classes_]
        picked = [nodes.pick(outputs[f"{SHARES}{at}"], np.arange(1, size)) for at, size in enumerate(sizes)]
        return [one for each, size in zip(picked, sizes, strict=True) for one in nodes.table(each, size - 1)]
    found = answer(outputs, estimator, method)
    if method == "predict_proba" and count == 2:
        return nodes.table(nodes.pick(found, [1]), 1)
    return nodes.table(nodes.cast(found, TensorProto.DOUBLE), count)


PREDICTORS = {StackingClassifier: convert, StackingRegressor: convert}
TRANSFORMERS = {StackingClassifier: transform, StackingRegressor: transform}
BORDERS = {StackingClassifier: MARGIN, StackingRegressor: PARTS}
