"""What an estimator inside another one answers to the method that its parent calls."""

from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.pipeline import Pipeline

from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.pipeline.labels import METHODS


def response(nodes: Nodes, estimator: Any, inputs: Inputs, method: str) -> str:
    """The tensor that `predict`, `predict_proba` or `decision_function` gives, `[N]` (labels) or `[N, K]`."""
    return answer(nodes.outputs(estimator, inputs), estimator, method)


def answer(outputs: Outputs, estimator: Any, method: str) -> str:
    """The same, of outputs that are known already."""
    for output, name in METHODS.items():
        if name == method and output in outputs:
            return outputs[output]
    raise NotImplementedError(f"it asks {class_name(estimator)} for its {method}, for which there is no converter")


def class_name(estimator: Any) -> str:
    """The class of what answers."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return type(estimator).__name__


def scores_method(estimator: Any) -> str:
    """The method that most parents prefer."""
    return "decision_function" if hasattr(estimator, "decision_function") else "predict_proba"


def positive_score(nodes: Nodes, estimator: Any, inputs: Inputs) -> str:
    """How much a two-class estimator, or a regressor in its place, is for the second class, `[N, 1]`."""
    if is_regressor(estimator):
        return response(nodes, estimator, inputs, "predict")
    method = scores_method(estimator)
    found = response(nodes, estimator, inputs, method)
    return found if method == "decision_function" else nodes.pick(found, [1])


def repeated(nodes: Nodes, value: Any, inputs: Inputs) -> str:
    """One row of numbers for each row of the inputs, `[N, K]`."""
    count = nodes.add("Shape", [inputs[0].full_name], start=0, end=1)
    shape = nodes.add("Concat", [count, nodes.constant(np.array([1]))], axis=0)
    return nodes.add("Expand", [nodes.constant(np.atleast_2d(value)), shape])
