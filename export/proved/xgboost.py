"""What XGBoost adds up, from what it saves of a model: in float32, as it compares."""

import json
from typing import Any

import numpy as np

from alpenglow._export.proved.floats import cuts
from alpenglow._export.proved.forests import Forest, Sums, UnreadableError, constant, joined

LOGISTIC = {"binary:logistic"}
EXPONENTIAL = {"count:poisson", "reg:gamma", "reg:tweedie"}


def sums_of(model: Any) -> Sums:
    """For each output its base score, as a margin, and the values of its trees in their order."""
    learner = json.loads(model.get_booster().save_raw("json"))["learner"]
    booster = learner["gradient_booster"]
    if booster["name"] != "gbtree":
        raise UnreadableError(f"XGBoost boosts with {booster['name']}")
    found = booster["model"]
    output = np.array(found["tree_info"])
    outputs = int(output.max()) + 1
    last = len(output)
    if model.early_stopping_rounds is not None and getattr(model, "best_iteration", None) is not None:
        if "iteration_indptr" not in found:
            raise UnreadableError("this XGBoost does not say which trees a round has")
        last = found["iteration_indptr"][model.best_iteration + 1]
    start = margins(learner["objective"]["name"], json.loads(learner["learner_model_param"]["base_score"]), outputs)
    trees = [*map(constant, start), *(tree(one) for one in found["trees"][:last])]
    turns = [np.r_[k, outputs + np.flatnonzero(output[:last] == k)] for k in range(outputs)]
    terms = [np.stack([turn, np.zeros_like(turn)], axis=1) for turn in turns]
    return Sums(joined(trees), terms, np.float32, outputs)


def margins(objective: str, base: Any, outputs: int) -> list[float]:
    """The numbers that the sums begin with: the link of the base score."""
    score = np.broadcast_to(np.asarray(base, np.float32).ravel(), outputs)
    if objective in LOGISTIC:
        score = -np.log(np.float32(1) / score - np.float32(1))
    elif objective in EXPONENTIAL:
        score = np.log(score)
    return [float(value) for value in score]


def tree(found: dict[str, Any]) -> Forest:
    """One tree: what is less than the split condition, in float32, goes left; of a leaf it is the value."""
    if any(found["split_type"]) or int(found["tree_param"]["size_leaf_vector"]) > 1:
        raise UnreadableError("XGBoost's trees have categories, or several values in a leaf")
    condition = np.array(found["split_conditions"], np.float32).astype(np.float64)
    return Forest(
        np.array([0]),
        np.array(found["left_children"], np.int64),
        np.array(found["right_children"], np.int64),
        np.array(found["split_indices"], np.int64),
        cuts(condition, strict=True, narrow=True),
        np.array(found["default_left"], bool),
        condition[:, np.newaxis],
    )
