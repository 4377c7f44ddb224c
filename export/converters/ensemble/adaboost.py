"""AdaBoost: the weighted votes of classifiers, the weighted median of regressors. Trees become one ensemble."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor

from alpenglow._export.arithmetic.borders import MARGIN, PARTS
from alpenglow._export.arithmetic.classes import labels
from alpenglow._export.arithmetic.trees import of_scikit_learn, tree_values
from alpenglow._export.converters.ensemble.bagging import TREES
from alpenglow._export.converters.ensemble.gradient_boosting import decided
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import class_shares, sums_logarithms


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The sum of the votes over the sum of the weights, and the softmax of it."""
    count = len(model.classes_)
    if count == 1:
        raise NotImplementedError("it knows one class alone")
    total = nodes.ordered_sum(votes(nodes, model, inputs))
    mean = nodes.add("Div", [total, nodes.constant(float(model.estimator_weights_.sum()))])
    if count == 2:
        mean = nodes.add("Sub", [nodes.pick(mean, [1]), nodes.pick(mean, [0])])
        both = nodes.add("Concat", [nodes.add("Neg", [mean]), mean], axis=1)
        exponent = nodes.add("Div", [both, nodes.constant(2.0)])
    else:
        exponent = nodes.add("Div", [mean, nodes.constant(float(count - 1))])
    return decided(nodes, model, mean, "Greater") | {"probabilities": nodes.add("Softmax", [exponent], axis=1)}


def votes(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """What each estimator gives each class, `[T, N, C]`: its weight to the one that it predicts."""
    if sums_logarithms(model):
        return logarithms(nodes, model, inputs)
    weights = model.estimator_weights_[: len(model.estimators_)]
    rest = [-1 / (len(model.classes_) - 1) * weight for weight in weights]
    if all(type(estimator) in TREES for estimator in model.estimators_):
        trees = []
        for estimator, weight, other in zip(model.estimators_, weights, rest, strict=True):
            chosen = estimator.classes_.take(estimator.tree_.value[:, 0].argmax(axis=1))
            values = np.where(chosen[:, np.newaxis] == model.classes_, weight, other)
            trees.append(of_scikit_learn(estimator.tree_, values))
        return tree_values(nodes, nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT), trees)
    classes = nodes.constant(labels(model.classes_)[np.newaxis])
    return nodes.stack(
        [
            nodes.add(
                "Where",
                [
                    nodes.add("Equal", [nodes.column(nodes.outputs(estimator, inputs)["label"]), classes]),
                    nodes.constant(float(weight)),
                    nodes.constant(float(other)),
                ],
            )
            for estimator, weight, other in zip(model.estimators_, weights, rest, strict=True)
        ]
    )


def logarithms(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The logarithms of each estimator's probabilities `[T, N, C]`, less their mean, times the number of others."""
    count, edge = len(model.classes_), float(np.finfo(np.float64).eps)
    if all(type(estimator) in TREES for estimator in model.estimators_):
        trees = []
        for estimator in model.estimators_:
            logarithm = np.log(np.maximum(class_shares(estimator.tree_), edge))
            mean = (1.0 / count) * logarithm.sum(axis=1)[:, np.newaxis]
            trees.append(of_scikit_learn(estimator.tree_, (count - 1) * (logarithm - mean)))
        return tree_values(nodes, nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT), trees)
    found = nodes.stack([nodes.outputs(estimator, inputs)["probabilities"] for estimator in model.estimators_])
    logs = nodes.add("Log", [nodes.add("Max", [found, nodes.constant(edge)])])
    total = nodes.add("ReduceSum", [logs, nodes.constant(np.array([2]))], keepdims=1)
    above = nodes.add("Sub", [logs, nodes.add("Mul", [total, nodes.constant(1.0 / count)])])
    return nodes.add("Mul", [above, nodes.constant(float(count - 1))])


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The prediction at which half of the weight is reached."""
    count = len(model.estimators_)
    predictions = by_row(nodes, model, inputs)  # [N, T]
    ascending, order = sort(nodes, predictions, count)
    weights: NDArray[np.float64] = model.estimator_weights_[:count]
    reached = nodes.add("CumSum", [nodes.add("Gather", [nodes.constant(weights), order]), nodes.constant(np.int64(1))])
    half = nodes.add("Mul", [nodes.pick(reached, [count - 1]), nodes.constant(0.5)])
    above = nodes.cast(nodes.add("GreaterOrEqual", [reached, half]), TensorProto.INT64)
    first = nodes.add("ArgMax", [above], axis=1, keepdims=1)
    return {"prediction": nodes.add("GatherElements", [ascending, first], axis=1)}


def by_row(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """Each estimator's prediction, `[N, T]`."""
    if all(type(estimator) in TREES for estimator in model.estimators_):
        trees = [of_scikit_learn(estimator.tree_) for estimator in model.estimators_]
        values = tree_values(nodes, nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT), trees)
        flat = nodes.add("Reshape", [values, nodes.constant(np.array([len(trees), -1]))])
        return nodes.add("Transpose", [flat], perm=[1, 0])
    found = [nodes.outputs(estimator, inputs)["prediction"] for estimator in model.estimators_]
    return nodes.add("Concat", found, axis=1)


def sort(nodes: Nodes, x: str, width: int) -> tuple[str, str]:
    """The values of each row in ascending order, and their places."""
    values, places = (nodes.scope.get_unique_variable_name(name) for name in ("ascending", "order"))
    nodes.container.add_node(
        "TopK",
        [x, nodes.constant(np.array([width]))],
        [values, places],
        name=nodes.scope.get_unique_operator_name("TopK"),
        axis=1,
        largest=0,
        sorted=1,
    )
    return values, places


PREDICTORS = {AdaBoostClassifier: convert_classifier, AdaBoostRegressor: convert_regressor}
BORDERS = {AdaBoostClassifier: MARGIN, AdaBoostRegressor: PARTS}
