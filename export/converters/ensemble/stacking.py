"""StackingClassifier and StackingRegressor: an estimator on what other estimators answer."""

from typing import Any

from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.ensemble import StackingClassifier, StackingRegressor

from alpenglow._export.arithmetic.borders import MARGIN, PARTS
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.graph.columns import kind_of, width
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import response
from alpenglow._export.graph.text import is_string


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The final estimator, on the answers of the others."""
    outputs = nodes.outputs(model.final_estimator_, transform(nodes, model, inputs))
    if is_classifier(model):
        # It was fitted on class numbers.
        outputs = outputs | {"label": at(nodes, model.classes_, outputs["label"])}
    return outputs


def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All answers side by side, and the inputs beside those if it passes them through."""
    if isinstance(getattr(model, "classes_", None), list):
        raise NotImplementedError("it predicts several labels at once")
    found: list[Any] = []
    for estimator, method in zip(model.estimators_, model.stack_method_, strict=True):
        found += features(nodes, model, estimator, method, inputs)
    if model.passthrough:
        if any(is_string(variable) for variable in inputs):
            raise NotImplementedError("it passes text through to the final estimator")
        found += inputs
    return nodes.table(nodes.matrix(found), width(found), kind_of(found))


def features(nodes: Nodes, model: Any, estimator: Any, method: str, inputs: Inputs) -> Inputs:
    """One estimator's answer as columns; of two probabilities the second."""
    answer = response(nodes, estimator, inputs, method)
    if method == "predict_proba":
        if len(model.classes_) == 2:
            return nodes.table(nodes.pick(answer, [1]), 1)
        return nodes.table(answer, len(estimator.classes_))
    if method == "decision_function":
        classes = len(estimator.classes_)
        return nodes.table(answer, 1 if classes == 2 else classes)
    if is_classifier(estimator):
        if estimator.classes_.dtype.kind in "OUST":
            raise NotImplementedError("it hands labels that are text to the final estimator")
        return nodes.table(nodes.column(nodes.cast(answer, TensorProto.DOUBLE)), 1)
    return nodes.table(answer, 1)


PREDICTORS = {StackingClassifier: convert, StackingRegressor: convert}
TRANSFORMERS = {StackingClassifier: transform, StackingRegressor: transform}
BORDERS = {StackingClassifier: MARGIN, StackingRegressor: PARTS}
