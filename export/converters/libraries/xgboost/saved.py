"""What XGBoost saves of a model, as far as it predicts."""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.trees import Tree
from alpenglow._export.converters.libraries.xgboost.objectives import LOGISTIC, margins
from alpenglow._export.pipeline.boosters import XGBoostBooster

FLOAT32 = np.float32
# How near to 0 and 1 the base score of a probability is, and since when.
EDGE, CLIPS = FLOAT32(1e-6), [3, 2]


@dataclass(frozen=True, eq=False)
class Saved:
    """A model.

    Attributes:
        booster: `gbtree`, `dart` or `gblinear`.
        objective: By its name.
        start: What each sum begins with.
        trees: Those that predict.
        target: The sum that each of them adds to, if its leaves hold one value.
        vectors: Whether they hold one for each sum.
        weights: Of `gblinear`, `[F + 1, K]`; the last row is the bias.
    """

    booster: str
    objective: str
    start: list[float]
    trees: list[Tree]
    target: NDArray[np.int64]
    vectors: bool
    weights: NDArray[np.float32]


def saved_of(model: Any) -> Saved:
    """What it saves as JSON."""
    written = json.loads(model.get_booster().save_raw("json"))
    learner = written["learner"]
    found, objective = learner["gradient_booster"], learner["objective"]["name"]
    base = np.ravel(json.loads(learner["learner_model_param"]["base_score"])).astype(FLOAT32)
    if written["version"] >= CLIPS and objective in LOGISTIC:
        base = np.clip(base, EDGE, FLOAT32(1) - EDGE)
    if found["name"] == "gblinear":
        weights = np.array(found["model"]["weights"], FLOAT32)
        weights = weights.reshape(int(learner["learner_model_param"]["num_feature"]) + 1, -1)
        start = margins(objective, np.resize(base[:1], weights.shape[1]))
        return Saved("gblinear", objective, start, [], np.empty(0, np.int64), vectors=False, weights=weights)
    inner = found.get("gbtree", found)["model"]
    last = rounds(model, inner)
    target = np.array(inner["tree_info"][:last], np.int64)
    vectors = int(inner["trees"][0]["tree_param"]["size_leaf_vector"])
    count = vectors if vectors > 1 else int(max(inner["tree_info"])) + 1
    start = margins(objective, np.resize(base, count))
    counts = codes_by_feature(inner["trees"][:last])
    trees = [tree(one, counts) for one in inner["trees"][:last]]
    if found["name"] == "dart":
        shifts = np.zeros(count, FLOAT32) if isinstance(model, XGBoostBooster) else np.array(start, FLOAT32)
        weights = np.array(found["weight_drop"][:last], FLOAT32)
        trees = [dropped(*one) for one in zip(trees, weights, shifts[target], strict=True)]
    return Saved(found["name"], objective, start, trees, target, vectors > 1, np.empty((0, 0), FLOAT32))


def rounds(model: Any, found: dict[str, Any]) -> int:
    """How many trees predict: after an early stop, those up to the best round, if it is an estimator that is asked."""
    best = None if isinstance(model, XGBoostBooster) else getattr(model, "best_iteration", None)
    ends = found["iteration_indptr"]
    return int(ends[-1] if best is None else ends[best + 1])


def dropped(tree: Tree, weight: np.float32, base: np.float32) -> Tree:
    """A tree of `dart` with what its leaves add, weighted.

    Where rows are predicted in place, as the estimators do, the base score is added to a value and subtracted again.
    """
    values = tree.values.astype(FLOAT32)
    return replace(tree, values=(((base + values) - base) * weight).astype(np.float64))


def codes_by_feature(trees: list[dict[str, Any]]) -> dict[int, int]:
    """One more than the largest code that a split by category names, by feature."""
    counts: dict[int, int] = {}
    for found in trees:
        for node, members in by_category(found):
            feature = found["split_indices"][node]
            counts[feature] = max(counts.get(feature, 0), *(member + 1 for member in members), 0)
    return counts


def by_category(found: dict[str, Any]) -> list[tuple[int, list[int]]]:
    """The splits by category: nodes, and the codes that go right."""
    parts = zip(found["categories_nodes"], found["categories_segments"], found["categories_sizes"], strict=True)
    return [(node, found["categories"][first : first + size]) for node, first, size in parts]


def tree(found: dict[str, Any], counts: dict[int, int]) -> Tree:
    """One tree of the model's JSON; `x < split` is `x <= ` the float32 before it."""
    left = np.array(found["left_children"], np.int64)
    right = np.array(found["right_children"], np.int64)
    splits = np.array(found["split_conditions"], FLOAT32)
    width = int(found["tree_param"]["size_leaf_vector"])
    sides = {}
    for node, members in by_category(found):
        sides[node] = np.ones(counts[found["split_indices"][node]], bool)
        sides[node][members] = False
    return Tree(
        left,
        np.where(left < 0, -1, right),
        np.array(found["split_indices"], np.int64),
        np.nextafter(splits, FLOAT32(-np.inf)).astype(np.float64),
        np.array(found["default_left"], bool),
        vectors(found, left, right, width) if width > 1 else splits.astype(np.float64)[:, np.newaxis],
        sides,
        strays_left=True,
    )


def vectors(
    found: dict[str, Any], left: NDArray[np.int64], right: NDArray[np.int64], width: int
) -> NDArray[np.float64]:
    """The values `[nodes, K]` of leaves that hold several: since 3.1 apart, each leaf with its number for a child."""
    if "leaf_weights" not in found:
        return np.array(found["base_weights"], FLOAT32).reshape(-1, width).astype(np.float64)
    table = np.array(found["leaf_weights"], FLOAT32).reshape(-1, width).astype(np.float64)
    return table[np.where(left < 0, right, 0)]
