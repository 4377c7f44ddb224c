"""GradientBoosting: the first estimator's prediction, and the trees' on top of it, in their order."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import at, labelled
from alpenglow._export.arithmetic.links import link_of, probabilities
from alpenglow._export.arithmetic.trees import Tree, constant, of_scikit_learn, tree_sums, tree_values
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import boosting_link, most_probable, probability_edge


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Raw predictions `[N, K]`, and what the loss makes of them."""
    raw = raw_predictions(nodes, model, inputs)
    if not is_classifier(model):
        return {"prediction": raw}
    return classified(nodes, model, raw, "GreaterOrEqual")


def classified(nodes: Nodes, model: Any, raw: str, second: str) -> Outputs:
    """Labels, raw predictions and probabilities; see `decided`."""
    found = probabilities(nodes, boosting_link(model), raw)
    if most_probable(model):
        return labelled(nodes, model, found) | {"decision": raw}
    return decided(nodes, model, raw, second) | {"probabilities": found}


def decided(nodes: Nodes, model: Any, raw: str, second: str) -> Outputs:
    """Labels of raw predictions: the largest of several; of two classes the second if `raw` is so compared with 0."""
    if len(model.classes_) > 2:
        return {
            "label": at(nodes, model.classes_, nodes.add("ArgMax", [raw], axis=1, keepdims=0)),
            "decision": raw,
        }
    flat = nodes.flat(raw)
    index = nodes.cast(nodes.add(second, [flat, nodes.constant(0.0)]), TensorProto.INT64)
    return {"label": at(nodes, model.classes_, index), "decision": raw}


def raw_predictions(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """`[N, K]`, in float64; the trees see float32."""
    stages = model.estimators_
    count = stages.shape[1]
    trees = [of_scikit_learn(tree.tree_, model.learning_rate * tree.tree_.value) for stage in stages for tree in stage]
    x = nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT)
    if isinstance(model.init_, (str, DummyClassifier, DummyRegressor)):
        start = model._raw_predict_init(np.zeros((1, model.n_features_in_), np.float32))[0]
        return tree_sums(nodes, nodes.cast(x, TensorProto.DOUBLE), [*map(constant, start), *trees], count)
    return nodes.ordered_sum(
        nodes.add("Concat", [first_stage(nodes, model, x), by_stage(nodes, x, trees, count)], axis=0)
    )


def first_stage(nodes: Nodes, model: Any, x: str) -> str:
    """The raw prediction `[1, N, K]` of an estimator that the model begins with."""
    found = nodes.outputs(model.init_, nodes.table(nodes.cast(x, TensorProto.DOUBLE), model.n_features_in_))
    if not is_classifier(model):
        return nodes.stack([found["prediction"]])
    return nodes.stack([link_of(nodes, boosting_link(model), found["probabilities"], probability_edge())])


def by_stage(nodes: Nodes, x: str, trees: list[Tree], count: int) -> str:
    """What each stage adds, `[stages, N, K]`."""
    values = tree_values(nodes, x, trees)  # [stages * K, N, 1]
    if count == 1:
        return values
    apart = nodes.add("Reshape", [values, nodes.constant(np.array([len(trees) // count, count, -1]))])
    return nodes.add("Transpose", [apart], perm=[0, 2, 1])


PREDICTORS = dict.fromkeys((GradientBoostingClassifier, GradientBoostingRegressor), convert)
BORDERS = {GradientBoostingClassifier: ANSWER, GradientBoostingRegressor: PARTS}
