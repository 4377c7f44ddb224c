"""Trees and forests: the mean of what the trees' leaves hold, tree by tree in float64, as scikit-learn adds it."""

from typing import Any

from sklearn.base import is_classifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import each_labelled, labelled, split
from alpenglow._export.arithmetic.trees import of_scikit_learn, tree_totals
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import class_shares


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """A tree, or a forest that takes the mean of its trees."""
    members = [tree.tree_ for tree in getattr(model, "estimators_", [model])]
    trees = [of_scikit_learn(tree, class_shares(tree) if is_classifier(model) else None) for tree in members]
    total = tree_totals(nodes, nodes.matrix(inputs), trees)
    mean = nodes.add("Div", [total, nodes.constant(float(len(trees)))])
    if is_classifier(model) and model.n_outputs_ > 1:
        return each_labelled(nodes, model.classes_, split(nodes, mean, model.classes_))
    return labelled(nodes, model, mean) if is_classifier(model) else {"prediction": mean}


PREDICTORS = dict.fromkeys(
    (
        ExtraTreesClassifier,
        ExtraTreesRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    ),
    convert,
)
BORDERS = {
    **dict.fromkeys((ExtraTreesClassifier, RandomForestClassifier), ANSWER),
    **dict.fromkeys((ExtraTreesRegressor, RandomForestRegressor), PARTS),
}
