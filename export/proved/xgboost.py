"""What XGBoost adds up, from what it saves of a model: in float32, as it compares."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.pipeline.boosters import XGBoostBooster
from alpenglow._export.proved.floats import cuts
from alpenglow._export.proved.forests import Forest, Sides, Sums, UnreadableError, constant, joined, side_by_side

LOGISTIC = {"binary:logistic", "reg:logistic"}
EXPONENTIAL = {"count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox"}


def sums_of(model: Any) -> Sums:
    """For each output its base score, as a margin, and the values of its trees in their order."""
    written = json.loads(model.get_booster().save_raw("json"))
    learner = written["learner"]
    booster = learner["gradient_booster"]
    if booster["name"] not in ("gbtree", "dart"):
        raise UnreadableError(f"XGBoost boosts with {booster['name']}, which has no trees")
    found = booster.get("gbtree", booster)["model"]
    output = np.array(found["tree_info"])
    width = int(found["trees"][0]["tree_param"]["size_leaf_vector"])
    outputs = width if width > 1 else int(output.max()) + 1
    native = isinstance(model, XGBoostBooster)
    best = None if native else getattr(model, "best_iteration", None)
    last = len(output) if best is None else found["iteration_indptr"][best + 1]
    base = json.loads(learner["learner_model_param"]["base_score"])
    start = margins(learner["objective"]["name"], base, outputs, clips=written["version"] >= [3, 2])
    trees = [tree(one) for one in found["trees"][:last]]
    if booster["name"] == "dart":
        # In place, it adds the base score to a leaf's value, and takes it off again.
        moves = np.zeros(outputs, np.float32) if native else start
        trees = [
            weighted(one, moves[k], np.float32(weight))
            for one, k, weight in zip(trees, output[:last], booster["weight_drop"][:last], strict=True)
        ]
    if width > 1:
        together = replace(constant(0.0), value=start[np.newaxis].astype(np.float64))
        return Sums(joined([together, *trees]), side_by_side(1 + last, width), np.float32, 1)
    turns = [np.r_[k, outputs + np.flatnonzero(output[:last] == k)] for k in range(outputs)]
    terms = [np.stack([turn, np.zeros_like(turn)], axis=1) for turn in turns]
    return Sums(joined([*map(constant, start.tolist()), *trees]), terms, np.float32, outputs)


def margins(objective: str, base: Any, outputs: int, *, clips: bool) -> NDArray[np.float32]:
    """The numbers that the sums begin with: the link of the base score, rounded to float32."""
    score = np.broadcast_to(np.asarray(base, np.float32).ravel(), outputs)
    if objective in LOGISTIC:
        edge = np.float32(1e-6) if clips else np.float32(0)
        score = np.minimum(np.maximum(score, edge), np.float32(1) - edge)
        score = -np.log((np.float32(1) / score - np.float32(1)).astype(np.float64))
    elif objective in EXPONENTIAL:
        score = np.log(score.astype(np.float64))
    return np.asarray(score, np.float32)


def tree(found: dict[str, Any]) -> Forest:
    """One tree: what is less than the split condition, in float32, goes left; of a leaf it is the value."""
    condition = np.array(found["split_conditions"], np.float32).astype(np.float64)
    left, right = (np.array(found[f"{side}_children"], np.int64) for side in ("left", "right"))
    width = int(found["tree_param"]["size_leaf_vector"])
    value: NDArray[Any] = condition[:, np.newaxis]
    if "leaf_weights" in found and width > 1:  # the right child of a leaf is its place there
        rows = np.array(found["leaf_weights"], np.float32).reshape(-1, width)
        value = np.where((left < 0)[:, np.newaxis], rows[np.clip(right, 0, len(rows) - 1)], 0)
    elif width > 1:
        value = np.array(found["base_weights"], np.float32).reshape(-1, width)
    return Forest(
        np.array([0]),
        left,
        np.where(left < 0, -1, right),
        np.array(found["split_indices"], np.int64),
        cuts(condition, strict=True, narrow=True),
        np.array(found["default_left"], bool),
        value.astype(np.float64),
        {int(node): chosen(found, place) for place, node in enumerate(found["categories_nodes"])},
    )


def chosen(found: dict[str, Any], place: int) -> Sides:
    """A split by category: the codes that are named go right, any other number left; it is cut to one as float32."""
    first, size = found["categories_segments"][place], found["categories_sizes"][place]
    right = set(found["categories"][first : first + size])
    codes = max(right, default=0) + 1
    ends = cuts(np.arange(codes + 1.0), strict=True, narrow=True)
    return Sides(ends, np.array([True, *(code not in right for code in range(codes)), True]))


def weighted(one: Forest, base: np.float32, weight: np.float32) -> Forest:
    """A tree of `dart`, some of which were dropped while others were fitted."""
    value = ((base + one.value.astype(np.float32)) - base) * weight
    return replace(one, value=value.astype(np.float64))
