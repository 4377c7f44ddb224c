"""Bagging: the mean of estimators that each see some of the columns. Trees become one ensemble."""

from dataclasses import replace
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import labelled
from alpenglow._export.arithmetic.trees import Tree, of_scikit_learn, tree_totals
from alpenglow._export.graph.columns import kind_of
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import class_shares

TREES = (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the probabilities, of the votes where there are none, or of the predictions."""
    x = nodes.matrix(inputs)
    members = list(zip(model.estimators_, model.estimators_features_, strict=True))
    if all(type(estimator) in TREES for estimator, _ in members):
        total = tree_totals(nodes, x, [tree(model, estimator, features) for estimator, features in members])
    else:
        kind = kind_of(inputs)
        tables = [nodes.table(nodes.pick(x, features), len(features), kind) for _, features in members]
        scores = [score(nodes, model, estimator, seen) for (estimator, _), seen in zip(members, tables, strict=True)]
        total = nodes.ordered_sum(nodes.stack(scores))
    mean = nodes.add("Div", [total, nodes.constant(float(model.n_estimators))])
    return labelled(nodes, model, mean) if is_classifier(model) else {"prediction": mean}


def tree(model: Any, estimator: Any, features: Any) -> Tree:
    """One tree, with all of the columns and classes."""
    found = of_scikit_learn(estimator.tree_)
    values = found.values
    if is_classifier(model):
        values = np.zeros((len(values), model.n_classes_))
        values[:, estimator.classes_] = class_shares(estimator.tree_)
    return replace(found, feature=np.asarray(features)[np.maximum(found.feature, 0)], values=values)


def score(nodes: Nodes, model: Any, estimator: Any, inputs: Inputs) -> str:
    """One estimator's part of the sum."""
    outputs = nodes.outputs(estimator, inputs)
    if not is_classifier(model):
        return outputs["prediction"]
    if hasattr(estimator, "predict_proba"):
        places = np.eye(model.n_classes_)[estimator.classes_]
        all_classes = len(estimator.classes_) == model.n_classes_
        found = outputs["probabilities"]
        return found if all_classes else nodes.add("MatMul", [found, nodes.constant(places)])
    chosen = nodes.add(
        "Equal", [nodes.column(outputs["label"]), nodes.constant(np.arange(model.n_classes_)[np.newaxis])]
    )
    return nodes.cast(chosen, TensorProto.DOUBLE)


PREDICTORS = dict.fromkeys((BaggingClassifier, BaggingRegressor), convert)
BORDERS = {BaggingClassifier: ANSWER, BaggingRegressor: PARTS}
