"""Searches, which hand everything on to what they found, and thresholds: another one than one half or zero."""

from typing import Any

from onnx import TensorProto
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import work
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import answer
from alpenglow._export.versions import FIXED_THRESHOLD, TUNED_THRESHOLD


def convert_search(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The best estimator that it found."""
    return nodes.outputs(model.best_estimator_, inputs)


def transform_search(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same, of transformers."""
    return nodes.features(model.best_estimator_, inputs)


def convert_fixed(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The threshold that was given."""
    estimator = getattr(model, "estimator_", model.estimator)
    method = method_of(model, estimator)
    threshold = model.threshold
    if threshold == "auto":
        threshold = 0.5 if method == "predict_proba" else 0.0
    return decided(nodes, model, estimator, inputs, method=method, threshold=threshold, positive=model.pos_label)


def convert_tuned(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The threshold that was found."""
    positive = model._curve_scorer._get_pos_label()
    method = method_of(model, model.estimator_)
    threshold = model.best_threshold_
    return decided(nodes, model, model.estimator_, inputs, method=method, threshold=threshold, positive=positive)


def method_of(model: Any, estimator: Any) -> str:
    """The method whose answer is compared with the threshold."""
    if model.response_method != "auto":
        return str(model.response_method)
    return "predict_proba" if hasattr(estimator, "predict_proba") else "decision_function"


def decided(
    nodes: Nodes, model: Any, estimator: Any, inputs: Inputs, *, method: str, threshold: float, positive: Any
) -> Outputs:
    """The positive class from the threshold on, beside the estimator's own scores."""
    place = 0 if positive is not None and positive == model.classes_[0] else 1
    outputs = nodes.outputs(estimator, inputs)
    score = answer(outputs, estimator, method)
    if method == "predict_proba":
        score = nodes.pick(score, [place])
    elif place == 0:
        score = nodes.add("Neg", [score])
    reached = nodes.add("GreaterOrEqual", [nodes.flat(score), nodes.constant(float(threshold))])
    which = nodes.cast(reached, TensorProto.INT64)
    return outputs | {"label": at(nodes, model.classes_[[1 - place, place]], which)}


SEARCHES = (GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV)
PREDICTORS = {
    **dict.fromkeys(SEARCHES, convert_search),
    **dict.fromkeys(FIXED_THRESHOLD, convert_fixed),
    **dict.fromkeys(TUNED_THRESHOLD, convert_tuned),
}
TRANSFORMERS = dict.fromkeys(SEARCHES, transform_search)
BORDERS = {**dict.fromkeys(SEARCHES, PARTS), **dict.fromkeys((*FIXED_THRESHOLD, *TUNED_THRESHOLD), ANSWER)}
