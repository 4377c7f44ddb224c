"""LightGBM's scikit-learn estimators: their trees compare and add float64."""

import sys
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from alpenglow._export.arithmetic.borders import Borders, label, splits
from alpenglow._export.arithmetic.classes import labelled
from alpenglow._export.arithmetic.links import expit
from alpenglow._export.arithmetic.sides import with_sides
from alpenglow._export.arithmetic.trees import Tree, tree_sums
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor

ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold
INFINITY = 1e300  # what its dump has for it
EXPONENTIAL = {"poisson", "gamma", "tweedie"}
IDENTITY = {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The sum of the trees, and what the objective makes of it."""
    dump = model.booster_.dump_model()
    if dump.get("pandas_categorical"):
        raise NotImplementedError("it was fitted on pandas categories: put an OrdinalEncoder in front instead")
    x, trees = with_sides(nodes, nodes.matrix(inputs), model.n_features_in_, trees_in(dump), lowest=-1.0)
    count = dump["num_tree_per_iteration"]
    raw = tree_sums(nodes, x, trees, count)
    if dump["average_output"]:
        raw = nodes.add("Div", [raw, nodes.constant(float(len(trees) // count))])
    objective, *options = dump.get("objective", "custom").split()
    if not is_classifier(model):
        return {"prediction": prediction(nodes, objective, options, raw)}
    return labelled(nodes, model, probabilities(nodes, objective, options, raw))


def trees_of(model: Any) -> list[Tree]:
    """The trees that predict, in order."""
    return trees_in(model.booster_.dump_model())


def trees_in(dump: dict[str, Any]) -> list[Tree]:
    """The same, of the dumped model."""
    return [tree(one["tree_structure"]) for one in dump["tree_info"]]


def probabilities(nodes: Nodes, objective: str, options: list[str], raw: str) -> str:
    """Probabilities `[N, C]` of raw scores."""
    settings = dict(option.split(":") for option in options if ":" in option)
    if objective == "multiclass":
        return nodes.add("Softmax", [raw], axis=1)
    if objective not in ("binary", "multiclassova"):
        raise NotImplementedError(f"it has the objective {objective}")
    found = expit(nodes, nodes.add("Mul", [raw, nodes.constant(float(settings.get("sigmoid", 1)))]))
    if objective == "multiclassova":
        return found
    return nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), found]), found], axis=1)


def prediction(nodes: Nodes, objective: str, options: list[str], raw: str) -> str:
    """A regression's answer of raw scores."""
    if objective in EXPONENTIAL:
        return nodes.add("Exp", [raw])
    if objective not in IDENTITY:
        raise NotImplementedError(f"it has the objective {objective}")
    if "sqrt" in options:
        return nodes.add("Mul", [raw, nodes.add("Abs", [raw])])
    return raw


def tree(root: dict[str, Any]) -> Tree:
    """One tree of the dump, whose nodes hold their children."""
    found: list[dict[str, Any]] = [root]
    children: list[tuple[int, int]] = []
    for node in found:  # grows on the way
        if "leaf_value" in node:
            children.append((-1, -1))
        else:
            children.append((len(found), len(found) + 1))
            found += [node["left_child"], node["right_child"]]
    left, right = np.array(children).T
    categorical = [node.get("decision_type") == "==" for node in found]
    if any(node.get("missing_type") == "Zero" for node in found):
        raise NotImplementedError("it takes zeros for missing values")
    threshold = np.array(
        [
            0.0 if other else last_left(float(node.get("threshold", 0.0)))
            for node, other in zip(found, categorical, strict=True)
        ]
    )
    return Tree(
        left,
        right,
        np.array([node.get("split_feature", 0) for node in found]),
        threshold,
        # What is no category goes right.
        np.array(
            [
                not other and goes_left_when_missing(node, at)
                for node, at, other in zip(found, threshold, categorical, strict=True)
            ]
        ),
        np.array([[node.get("leaf_value", 0.0)] for node in found], np.float64),
        {i: codes_left(found[i]["threshold"]) for i in np.flatnonzero(categorical).tolist()},
    )


def codes_left(threshold: str) -> NDArray[np.bool_]:
    """Which codes go left, up to the largest of them: `2||5` in the dump."""
    codes = np.array(threshold.split("||"), np.int64)
    left = np.zeros(codes.max() + 1, bool)
    left[codes] = True
    return left


def last_left(threshold: float) -> float:
    """The largest number that goes left: what is next to zero is zero before it is compared; infinity is dumped so."""
    if threshold >= INFINITY:
        return float("inf")
    if abs(threshold) > ZERO:
        return threshold
    return ZERO if threshold >= 0 else float(np.nextafter(-ZERO, -np.inf))


def goes_left_when_missing(node: dict[str, Any], threshold: float) -> bool:
    """Without a place of its own, a missing number is taken for zero."""
    return bool(node.get("default_left")) if node.get("missing_type") == "NaN" else threshold >= 0


def predictors() -> dict[type, Predictor]:
    """The converters, if LightGBM is in use."""
    lightgbm = sys.modules.get("lightgbm")
    return dict.fromkeys((lightgbm.LGBMClassifier, lightgbm.LGBMRegressor), convert) if lightgbm else {}


def borders() -> dict[type, Borders]:
    """Where they decide."""
    trees = Borders(lambda model: splits(trees_of(model), float32=False))
    return {kind: replace(trees, decisions=(label,)) if is_classifier(kind()) else trees for kind in predictors()}
