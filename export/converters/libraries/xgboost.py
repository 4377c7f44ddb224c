"""XGBoost's scikit-learn estimators: their trees compare and add float32."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.base import is_classifier

from alpenglow._export.arithmetic.borders import Borders, label, splits
from alpenglow._export.arithmetic.classes import at, labelled
from alpenglow._export.arithmetic.trees import Tree, constant, tree_sums
from alpenglow._export.graph.columns import is_sparse
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor

LIBRARY = "xgboost"
PACKAGE = "xgboost"
TESTED = ("2.0", "3.3")
BINARY = {"binary:logistic"}
MULTICLASS = {"multi:softprob", "multi:softmax"}
IDENTITY = {
    "reg:squarederror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "reg:squaredlogerror",
}
EXPONENTIAL = {"count:poisson", "reg:gamma", "reg:tweedie"}


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The base score and the trees on top of it, and what the objective makes of the sum, in float32."""
    if not np.isnan(model.missing):
        raise NotImplementedError(f"it takes {model.missing} for a missing value")
    learner = learner_of(model)
    booster = learner["gradient_booster"]
    if booster["name"] != "gbtree":
        raise NotImplementedError(f"it boosts with {booster['name']}, not with trees")
    objective = learner["objective"]["name"]
    stage = np.array(booster["model"]["tree_info"])
    count = int(stage.max()) + 1
    trees = trees_in(learner)[: kept(model, len(stage), count)]
    start = margins(objective, json.loads(learner["learner_model_param"]["base_score"]), count)
    narrow = nodes.cast(present(nodes, inputs), TensorProto.FLOAT)
    ordered = [*map(constant, start), *in_turns(trees, stage[: len(trees)], count)]
    raw = tree_sums(nodes, narrow, ordered, count, np.float32)
    if not is_classifier(model):
        return {"prediction": nodes.cast(prediction(nodes, objective, raw), TensorProto.DOUBLE)}
    return classification(nodes, model, objective, raw)


def present(nodes: Nodes, inputs: Inputs) -> str:
    """The numbers that XGBoost sees: of a sparse matrix those that are not zero, as it takes the others for missing."""
    x = nodes.matrix(inputs)
    if not is_sparse(inputs):
        return x
    return nodes.add("Where", [nodes.add("Equal", [x, nodes.constant(0.0)]), nodes.constant(np.nan), x])


def learner_of(model: Any) -> dict[str, Any]:
    """What XGBoost saves of a model."""
    learner: dict[str, Any] = json.loads(model.get_booster().save_raw("json"))["learner"]
    return learner


def trees_of(model: Any) -> list[Tree]:
    """All trees, in order."""
    return trees_in(learner_of(model))


def trees_in(learner: dict[str, Any]) -> list[Tree]:
    """The same, of what XGBoost saves."""
    return [tree(one) for one in learner["gradient_booster"]["model"]["trees"]]


def kept(model: Any, trees: int, count: int) -> int:
    """How many trees predict: after an early stop, those up to the best round."""
    best = getattr(model, "best_iteration", None) if model.early_stopping_rounds is not None else None
    parallel = model.get_params().get("num_parallel_tree") or 1
    return trees if best is None else (best + 1) * count * parallel


def in_turns(trees: list[Tree], stage: Any, count: int) -> list[Tree]:
    """The trees with the targets taking turns; several trees for a target in one round keep their order."""
    by_target = [[tree for tree, target in zip(trees, stage, strict=True) if target == k] for k in range(count)]
    return [tree for turn in zip(*by_target, strict=True) for tree in turn]


def margins(objective: str, base: Any, count: int) -> list[float]:
    """What the sums begin with."""
    values = np.resize(np.asarray(base, np.float32), count)
    if objective in BINARY:
        values = -np.log(1 / values - 1)
    elif objective in EXPONENTIAL:
        values = np.log(values)
    return [float(value) for value in values]


def classification(nodes: Nodes, model: Any, objective: str, raw: str) -> Outputs:
    """Labels and probabilities."""
    if objective in MULTICLASS:
        return labelled(nodes, model, nodes.cast(nodes.add("Softmax", [raw], axis=1), TensorProto.DOUBLE))
    if objective not in BINARY:
        raise NotImplementedError(f"it has the objective {objective}")
    one = nodes.constant(np.float32(1))
    growth = nodes.add("Exp", [nodes.add("Neg", [raw])])
    second = nodes.add("Div", [one, nodes.add("Add", [growth, one])])
    both = nodes.add("Concat", [nodes.add("Sub", [one, second]), second], axis=1)
    chosen = nodes.cast(nodes.add("Greater", [nodes.flat(second), nodes.constant(np.float32(0.5))]), TensorProto.INT64)
    return {"label": at(nodes, model.classes_, chosen), "probabilities": nodes.cast(both, TensorProto.DOUBLE)}


def prediction(nodes: Nodes, objective: str, raw: str) -> str:
    """A regression's answer of raw scores."""
    if objective in EXPONENTIAL:
        return nodes.add("Exp", [raw])
    if objective not in IDENTITY:
        raise NotImplementedError(f"it has the objective {objective}")
    return raw


def tree(found: dict[str, Any]) -> Tree:
    """One tree of the model's JSON; `x < split` is `x <= ` the float32 before it."""
    if found["categories"]:
        raise NotImplementedError("it splits by category: put an OrdinalEncoder in front instead")
    if int(found["tree_param"]["size_leaf_vector"]) > 1:
        raise NotImplementedError("its leaves hold several values")
    splits = np.array(found["split_conditions"], np.float32)
    return Tree(
        np.array(found["left_children"], np.int64),
        np.array(found["right_children"], np.int64),
        np.array(found["split_indices"], np.int64),
        np.nextafter(splits, np.float32(-np.inf)).astype(np.float64),
        np.array(found["default_left"], bool),
        splits.astype(np.float64)[:, np.newaxis],  # a leaf has its value where a split has its threshold
    )


def predictors(xgboost: Any) -> dict[type, Predictor]:
    """The converters."""
    kinds = (xgboost.XGBClassifier, xgboost.XGBRegressor, xgboost.XGBRFClassifier, xgboost.XGBRFRegressor)
    return dict.fromkeys(kinds, convert)


def borders(xgboost: Any) -> dict[type, Borders]:
    """Where they decide."""
    trees = Borders(lambda model: splits(trees_of(model), float32=True))
    return {
        kind: replace(trees, decisions=(label,)) if is_classifier(kind()) else trees for kind in predictors(xgboost)
    }
