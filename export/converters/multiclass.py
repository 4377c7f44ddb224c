"""One-vs-rest, one-vs-one and output codes: many two-class estimators make one of several classes."""

from itertools import combinations
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier, is_regressor
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier, _ConstantPredictor

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.arithmetic.centres import nearest
from alpenglow._export.arithmetic.classes import at, indicated
from alpenglow._export.graph.columns import kind_of
from alpenglow._export.graph.hashes import is_hashed
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import positive_score, repeated, response
from alpenglow._export.pipeline.tasks import outputs_of


def convert_rest(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class whose estimator has the highest score, the first of those if several do."""
    scores = [score(nodes, estimator, inputs) for estimator in model.estimators_]
    if model.multilabel_:
        return several_labels(nodes, model, inputs, nodes.add("Concat", scores, axis=1))
    if len(scores) == 1:
        chosen = over_threshold(nodes, model.estimators_[0], scores[0])
    else:
        joined = nodes.add("Concat", scores, axis=1)
        chosen = nodes.add("ArgMax", [joined], axis=1, keepdims=0)
    outputs = {"label": at(nodes, model.classes_, chosen)}
    if hasattr(model, "predict_proba"):
        outputs["probabilities"] = shares(nodes, model.estimators_, inputs)
    if hasattr(model, "decision_function"):
        outputs["decision"] = scores[0] if len(scores) == 1 else joined
    return outputs


def several_labels(nodes: Nodes, model: Any, inputs: Inputs, scores: str) -> Outputs:
    """Each label whose estimator's score is above what the first one decides at; probabilities as they are."""
    outputs = {"label": indicated(nodes, scores, threshold_of(model.estimators_[0])), "decision": scores}
    if "probabilities" in outputs_of(model):  # what has but one class has them whatever the others have
        found = [second_share(nodes, estimator, inputs) for estimator in model.estimators_]
        outputs["probabilities"] = nodes.add("Concat", found, axis=1)
    return outputs


def score(nodes: Nodes, estimator: Any, inputs: Inputs) -> str:
    """How much an estimator is for its second class, `[N, 1]`."""
    if isinstance(estimator, _ConstantPredictor):
        return repeated(nodes, float(estimator.y_[0]), inputs)
    return positive_score(nodes, estimator, inputs)


def shares(nodes: Nodes, estimators: list[Any], inputs: Inputs) -> str:
    """The probabilities of all classes, made to sum to one unless all are zero."""
    found = [second_share(nodes, estimator, inputs) for estimator in estimators]
    if len(found) == 1:
        found = [nodes.add("Sub", [nodes.constant(1.0), found[0]]), found[0]]
    total = nodes.ordered_sum(nodes.stack(found))
    some = nodes.add("Where", [nodes.add("Equal", [total, nodes.constant(0.0)]), nodes.constant(1.0), total])
    return nodes.add("Div", [nodes.add("Concat", found, axis=1), some])


def second_share(nodes: Nodes, estimator: Any, inputs: Inputs) -> str:
    """The probability of the second class, `[N, 1]`."""
    if isinstance(estimator, _ConstantPredictor):
        return repeated(nodes, float(estimator.y_[0]), inputs)
    return nodes.pick(response(nodes, estimator, inputs, "predict_proba"), [1])


def over_threshold(nodes: Nodes, estimator: Any, decision: str) -> str:
    """0 or 1 `[N]`: whether the decision `[N, 1]` is for the second class."""
    return indicated(nodes, nodes.flat(decision), threshold_of(estimator))


def threshold_of(estimator: Any) -> float:
    """The score from which on a two-class estimator is for its second class."""
    return 0.0 if hasattr(estimator, "decision_function") and is_classifier(estimator) else 0.5


def convert_one(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class with the most votes; ties go by the sum of the scores, in the order in which scikit-learn adds them."""
    if model.pairwise_indices_ is not None:
        raise NotImplementedError("it reads a precomputed kernel")
    classes = len(model.classes_)
    if not is_hashed(inputs):
        inputs = nodes.table(nodes.matrix(inputs), model.n_features_in_, kind_of(inputs))
    pairs = list(combinations(range(classes), 2))
    scores = nodes.stack([positive_score(nodes, estimator, inputs) for estimator in model.estimators_])
    # [pairs, 1, classes]: the first class of a pair loses what the second wins.
    signs = np.array([[np.eye(classes)[second] - np.eye(classes)[first]] for first, second in pairs])
    total = nodes.ordered_sum(nodes.add("Mul", [scores, nodes.constant(signs)]))
    size = nodes.add("Add", [nodes.add("Abs", [total]), nodes.constant(1.0)])
    tie = nodes.add("Div", [total, nodes.add("Mul", [size, nodes.constant(3.0)])])
    decision = nodes.add(
        "Add", [votes(nodes, model, inputs, np.maximum(signs[:, 0], 0), np.maximum(-signs[:, 0], 0)), tie]
    )
    if classes == 2:
        decision = nodes.pick(decision, [1])
        chosen = over_threshold(nodes, model.estimators_[0], decision)
    else:
        chosen = nodes.add("ArgMax", [decision], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, chosen), "decision": decision}


def votes(nodes: Nodes, model: Any, inputs: Inputs, second: Any, first: Any) -> str:
    """How often each class won, `[N, classes]`; whole numbers, so in any order."""
    columns = []
    for estimator in model.estimators_:
        found = response(nodes, estimator, inputs, "predict")
        columns.append(found if is_regressor(estimator) else nodes.column(found))
    wins = nodes.add("Concat", columns, axis=1)
    if is_regressor(model.estimators_[0]):
        both = [(0.0, first), (1.0, second)]
        counts = [
            nodes.add(
                "MatMul",
                [
                    nodes.cast(nodes.add("Equal", [wins, nodes.constant(value)]), TensorProto.DOUBLE),
                    nodes.constant(table),
                ],
            )
            for value, table in both
        ]
        return nodes.add("Add", counts)
    lost = nodes.constant(first.sum(axis=0, keepdims=True))
    won = nodes.add("MatMul", [nodes.cast(wins, TensorProto.DOUBLE), nodes.constant(second - first)])
    return nodes.add("Add", [won, lost])


def convert_code(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class whose code is nearest to the scores."""
    scores = [score(nodes, estimator, inputs) for estimator in model.estimators_]
    joined = nodes.add("Concat", scores, axis=1)
    return {"label": at(nodes, model.classes_, nearest(nodes, joined, model.code_book_))}


PREDICTORS = {
    OneVsOneClassifier: convert_one,
    OneVsRestClassifier: convert_rest,
    OutputCodeClassifier: convert_code,
}
BORDERS = dict.fromkeys(PREDICTORS, MARGIN)
