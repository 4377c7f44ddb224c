"""LightGBM's estimators and its own boosters: their trees compare and add float64.

What is next to zero, up to `ZERO` on both sides, they take for zero before they compare (`kZeroThreshold` in LightGBM's
`meta.h`, `RowPairFunctionFromDenseMatric` in its `c_api.cpp`); thresholds there are usual, as it splits zero off so.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.base import is_classifier

from alpenglow._export.arithmetic.borders import Borders, codes, label, splits
from alpenglow._export.arithmetic.classes import labelled
from alpenglow._export.arithmetic.functions import log1p
from alpenglow._export.arithmetic.links import expit
from alpenglow._export.arithmetic.sides import with_sides
from alpenglow._export.arithmetic.trees import Tree, tree_sums, tree_values
from alpenglow._export.converters.preprocessing.typed import given_to, numbered
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor
from alpenglow._export.pipeline.boosters import LightGBMBooster

LIBRARY = PACKAGE = "lightgbm"
TESTED = ("4.1", "4.7")
ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold
BELOW_ZERO = float(np.nextafter(-ZERO, -np.inf))
ENDLESS = 1e300  # what the dump writes for infinity, a threshold that parts missing numbers from all others
EXPONENTIAL = {"poisson", "gamma", "tweedie"}
LOGISTIC = {"binary", "multiclassova", "cross_entropy"}
IDENTITY = {
    "custom",  # a function of the user's own: the sum is the answer
    "fair",
    "huber",
    "lambdarank",
    "mape",
    "quantile",
    "rank_xendcg",
    "regression",
    "regression_l1",
}


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The sum of the trees, and what the objective makes of it."""
    dump = model.booster_.dump_model()
    numbers = numbered(nodes, inputs, categories(nodes, model, inputs), unknown=np.nan)
    numbers = without_zeros(nodes, numbers, dump, model.n_features_in_)
    x, trees = with_sides(nodes, numbers, model.n_features_in_, trees_in(dump), lowest=-1.0)
    count = dump["num_tree_per_iteration"]
    linear = trees[0].values.shape[1] > 1
    raw = linear_sums(nodes, x, trees, count) if linear else tree_sums(nodes, x, trees, count)
    if dump["average_output"]:
        raw = nodes.add("Div", [raw, nodes.constant(float(len(trees) // count))])
    objective, *options = dump.get("objective", "custom").split()
    found = answer(nodes, objective, options, raw)
    if not is_classifier(model):
        return {"prediction": found}
    refuse_scores(model)
    if count == 1:
        found = nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), found]), found], axis=1)
    return labelled(nodes, model, found) | {"decision": raw}


def categories(nodes: Nodes, model: Any, inputs: Inputs) -> dict[int, list[Any]]:
    """The categories that it was fitted on, by the place of their column: whatever a table's own are, it has these."""
    given = given_to(nodes, model, inputs)
    known = model.booster_.pandas_categorical or []
    if len(known) != len(given):
        raise NotImplementedError(
            f"it was fitted on {len(known)} columns of pandas' categories, and gets {len(given)}: give a sample whose "
            "columns have the types that it was fitted on"
        )
    return dict(zip(sorted(given), known, strict=True))


def refuse_scores(model: Any) -> None:
    """Refuse a classifier whose answers are no labels, or no sums of all trees.

    Raises:
        NotImplementedError: It is one.
    """
    if callable(model.objective):
        raise NotImplementedError(
            "its objective is a function, so that it predicts scores instead of labels: export its booster_"
        )
    if model.get_params().get("pred_early_stop"):
        raise NotImplementedError("it leaves out trees where it is sure already: fit it without pred_early_stop")


def trees_of(model: Any) -> list[Tree]:
    """The trees that predict, in order."""
    return trees_in(model.booster_.dump_model())


def trees_in(dump: dict[str, Any]) -> list[Tree]:
    """The same, of the dumped model; all leaves hold as much as `leaf` makes of the one with the most features."""
    roots = [nodes_of(one["tree_structure"]) for one in dump["tree_info"]]
    most = max(len(node.get("leaf_features", ())) for found, _ in roots for node in found)
    return [tree(found, children, most) for found, children in roots]


def without_zeros(nodes: Nodes, x: str, dump: dict[str, Any], width: int) -> str:
    """The columns `[N, width]`; in those in which zeros are missing values they are NaN, which goes their way."""
    found = [node for one in dump["tree_info"] for node in nodes_of(one["tree_structure"])[0]]
    zeros = np.zeros((1, width), bool)
    mine = [node for node in found if node.get("missing_type") == "Zero" and not is_categorical(node)]
    zeros[0, [node["split_feature"] for node in mine]] = True
    if not zeros.any():
        return x
    gaps = nodes.add("And", [is_zero(nodes, x), nodes.constant(zeros)])
    return nodes.add("Where", [gaps, nodes.constant(np.nan), x])


def is_zero(nodes: Nodes, x: str) -> str:
    """Which numbers are taken for zero."""
    return nodes.add("LessOrEqual", [nodes.add("Abs", [x]), nodes.constant(ZERO)])


def linear_sums(nodes: Nodes, x: str, trees: list[Tree], count: int) -> str:
    """The sums `[N, count]` of trees whose leaves hold linear models, added as `Tree::Predict` in its `tree.h` does.

    A leaf gives the constant and then a coefficient times a number for each of its features in turn; its plain value
    where such a number is missing.
    """
    most = (trees[0].values.shape[1] - 2) // 2
    leaves = nodes.add("Transpose", [tree_values(nodes, x, trees, np.float64)], perm=[2, 1, 0])  # [K, N, T]
    value, constant, coefficients, features = (
        nodes.add("Gather", [leaves, nodes.constant(place)], axis=0)
        for place in (np.int64(0), np.array([1]), np.arange(2, 2 + most), np.arange(2 + most, 2 + 2 * most))
    )
    unused = nodes.add("Equal", [coefficients, nodes.constant(0.0)])
    read = nodes.add("Where", [unused, nodes.constant(0.0), numbers_at(nodes, x, features, len(trees), most)])
    terms = nodes.add("Mul", [coefficients, read])
    line = nodes.ordered_sum(nodes.add("Concat", [constant, terms], axis=0))
    gaps = nodes.cast(nodes.add("IsNaN", [read]), TensorProto.INT32)
    gap = nodes.cast(nodes.add("ReduceMax", [gaps, nodes.constant(np.array([0]))], keepdims=0), TensorProto.BOOL)
    by_tree = nodes.add("Transpose", [nodes.add("Where", [gap, value, line])], perm=[1, 0])
    by_round = nodes.add("Reshape", [by_tree, nodes.constant(np.array([len(trees) // count, count, -1]))])
    return nodes.add("Transpose", [nodes.ordered_sum(by_round)], perm=[1, 0])


def numbers_at(nodes: Nodes, x: str, features: str, trees: int, most: int) -> str:
    """Each row's numbers `[M, N, T]` of the features `[M, N, T]` that its leaves name."""
    numbers = nodes.add("Where", [is_zero(nodes, x), nodes.constant(0.0), x])
    places = nodes.add("Transpose", [nodes.cast(features, TensorProto.INT64)], perm=[1, 2, 0])
    flat = nodes.add("Reshape", [places, nodes.constant(np.array([0, -1]))])
    found = nodes.add("GatherElements", [numbers, flat], axis=1)
    return nodes.add(
        "Transpose", [nodes.add("Reshape", [found, nodes.constant(np.array([0, trees, most]))])], perm=[2, 0, 1]
    )


def answer(nodes: Nodes, objective: str, options: list[str], raw: str) -> str:
    """What the objective makes of raw scores `[N, K]`."""
    settings = dict(option.split(":") for option in options if ":" in option)
    if objective == "multiclass":
        return nodes.add("Softmax", [raw], axis=1)
    if objective in LOGISTIC:
        return expit(nodes, nodes.add("Mul", [raw, nodes.constant(float(settings.get("sigmoid", 1)))]))
    if objective == "cross_entropy_lambda":
        return log1p(nodes, nodes.add("Exp", [raw]))
    if objective in EXPONENTIAL:
        return nodes.add("Exp", [raw])
    if objective not in IDENTITY:
        raise NotImplementedError(f"it has the objective {objective}")
    return nodes.add("Mul", [raw, nodes.add("Abs", [raw])]) if "sqrt" in options else raw


def nodes_of(root: dict[str, Any]) -> tuple[list[dict[str, Any]], list[tuple[int, int]]]:
    """The nodes of a tree, whose nodes hold their children, and for each the numbers of these."""
    found: list[dict[str, Any]] = [root]
    children: list[tuple[int, int]] = []
    for node in found:  # grows on the way
        if "leaf_value" in node:
            children.append((-1, -1))
        else:
            children.append((len(found), len(found) + 1))
            found += [node["left_child"], node["right_child"]]
    return found, children


def tree(found: list[dict[str, Any]], children: list[tuple[int, int]], most: int) -> Tree:
    """One tree of the dump."""
    left, right = np.array(children).T
    return Tree(
        left,
        right,
        np.array([node.get("split_feature", 0) for node in found]),
        np.array([threshold(node) for node in found]),
        np.array([goes_left_when_missing(node) for node in found]),
        np.array([leaf(node, most) for node in found], np.float64),
        {place: codes_left(node["threshold"]) for place, node in enumerate(found) if is_categorical(node)},
    )


def leaf(node: dict[str, Any], most: int) -> list[float]:
    """A leaf's value; if there are linear models: that, the constant, so many coefficients, and their features."""
    value = node.get("leaf_value", 0.0)
    constant = node.get("leaf_const", value)
    if not most:
        return [constant]
    coefficients, features = node.get("leaf_coeff", []), node.get("leaf_features", [])
    padding = [0.0] * (most - len(features))
    return [value, constant, *coefficients, *padding, *features, *padding]


def threshold(node: dict[str, Any]) -> float:
    """Where a node splits numbers, moved to the end of what is taken for zero if it is among that."""
    if is_categorical(node):
        return 0.0
    value = float(node.get("threshold", 0.0))
    if -ZERO <= value < ZERO:
        return ZERO if value >= 0 else BELOW_ZERO
    return value if value < ENDLESS else np.inf


def codes_left(threshold: str) -> NDArray[np.bool_]:
    """Which codes go left, up to the largest of them: `2||5` in the dump."""
    codes = np.array(threshold.split("||"), np.int64)
    left = np.zeros(codes.max() + 1, bool)
    left[codes] = True
    return left


def is_categorical(node: dict[str, Any]) -> bool:
    """Whether a node splits by category."""
    return node.get("decision_type") == "=="


def goes_left_when_missing(node: dict[str, Any]) -> bool:
    """Without a place of its own, a missing number is taken for zero; what is no category goes right."""
    if is_categorical(node):
        return False
    if node.get("missing_type") in ("NaN", "Zero"):
        return bool(node["default_left"])
    return float(node.get("threshold", 0.0)) >= 0


def predictors(lightgbm: Any) -> dict[type, Predictor]:
    """The converters."""
    kinds = (lightgbm.LGBMClassifier, lightgbm.LGBMRegressor, lightgbm.LGBMRanker, LightGBMBooster)
    return dict.fromkeys(kinds, convert)


def borders(lightgbm: Any) -> dict[type, Borders]:
    """Where they decide."""
    trees = Borders(lambda model: splits(trees_of(model), float32=False), sees=seen)
    return dict.fromkeys(predictors(lightgbm), trees) | {lightgbm.LGBMClassifier: replace(trees, decisions=(label,))}


def seen(model: Any) -> Any:
    """What makes the table that its trees see, if it was fitted on categories."""
    return codes if model.booster_.pandas_categorical else None
