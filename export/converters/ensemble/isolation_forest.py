"""IsolationForest: the sum of the depths at which the trees isolate a row."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length

from alpenglow._export.arithmetic.borders import ANSWER
from alpenglow._export.arithmetic.trees import of_scikit_learn, tree_totals
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The score is -2 ** -(depths / expected depths), the decision is the score above the offset.

    The label follows from the depths, not from the power, which need not round as NumPy's does.
    """
    some = model._max_features != model.n_features_in_
    trees = []
    for index, (estimator, features) in enumerate(zip(model.estimators_, model.estimators_features_, strict=True)):
        depth = model._decision_path_lengths[index] + model._average_path_length_per_tree[index] - 1.0
        tree = of_scikit_learn(estimator.tree_, depth)
        trees.append(replace(tree, feature=np.asarray(features)[np.maximum(tree.feature, 0)]) if some else tree)
    depths = tree_totals(nodes, nodes.matrix(inputs), trees)  # [N, 1]
    expected = float(len(trees) * _average_path_length([model._max_samples])[0])
    if expected:
        share = nodes.add("Div", [depths, nodes.constant(expected)])
        power = nodes.add("Pow", [nodes.constant(2.0), nodes.add("Neg", [share])])
    else:
        zero = nodes.add("Mul", [depths, nodes.constant(0.0)])
        power = nodes.add("Add", [zero, nodes.constant(0.5)])
    decision = nodes.add("Sub", [nodes.add("Neg", [power]), nodes.constant(float(model.offset_))])

    def inlier(depth: NDArray[np.float64]) -> NDArray[np.bool_]:
        share = depth / expected if expected else np.ones_like(depth)
        found: NDArray[np.bool_] = -(2**-share) - model.offset_ >= 0
        return found

    deep = nodes.add("GreaterOrEqual", [nodes.flat(depths), nodes.constant(least(inlier))])
    label = nodes.add("Where", [deep, nodes.constant(np.int64(1)), nodes.constant(np.int64(-1))])
    return {"label": label, "decision": decision}


def least(condition: Any) -> float:
    """The smallest float64 from 0 on that meets a condition, which all larger ones meet as well; infinity if none."""
    # The bits of positive floats are ordered as the floats are.
    low, high = np.array([-1, np.array(np.inf).view(np.int64)])
    while high - low > 1:
        middle = low + (high - low) // 2
        low, high = (low, middle) if condition(np.array([middle]).view(np.float64))[0] else (middle, high)
    return float(np.array([high]).view(np.float64)[0])


PREDICTORS = {IsolationForest: convert}
BORDERS = {IsolationForest: ANSWER}
