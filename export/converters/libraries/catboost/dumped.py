"""What CatBoost saves of a model as JSON, read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.trees import Tree

Split = tuple[int, float, bool]  # a feature, what it has to be above to go right, and whether NaN goes left


class Part(NamedTuple):
    """Of what statistics are made: a category, whether a number is above a value, or whether a category is one.

    `column` is a place among the numbers or the categories of a `Dump`; `value` is a border or a hash.
    """

    kind: str  # one of the three below
    column: int
    value: float = 0


CATEGORY, ABOVE, IS = "cat_feature_value", "float_feature", "cat_feature_exact_value"  # as CatBoost calls them


@dataclass(frozen=True, eq=False)
class Statistic:
    """A statistic of a category, or of a combination, as a tree compares it.

    `parts` are in the order in which CatBoost hashes them, `table` names what they are looked up in; `settings` are as
    CatBoost writes them.
    """

    parts: tuple[Part, ...]
    table: str
    settings: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Dump:
    """A model. The features of its trees are its numbers, then `one_hot`, then `statistics`, each in their order.

    Attributes:
        trees: Whose leaves hold a value for each output.
        scale: What their sum is multiplied by.
        bias: What is added then, `[K]`.
        loss: What it was trained for.
        names: Of all columns.
        numbers: The columns of numbers, by their place among all.
        nan_right: Of each of these, whether a missing value is above all others.
        categories: The columns of categories that the trees depend on, in the same way.
        one_hot: Categories that trees split by themselves.
        statistics: And statistics.
        tables: What those are made of, by name, as CatBoost writes them.
    """

    trees: list[Tree]
    scale: float
    bias: NDArray[np.float64]
    loss: str
    names: dict[int, str]
    numbers: list[int]
    nan_right: list[bool]
    categories: list[int]
    one_hot: list[Part]
    statistics: list[Statistic]
    tables: dict[str, dict[str, Any]]


def dumped(model: Any) -> Dump:
    """What a fitted model is."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        found = json.loads(path.read_text(encoding="utf-8"))
    features = found["features_info"]
    floats, texts = features.get("float_features", []), features.get("categorical_features", [])
    values = [(one["feature_index"], value) for one in texts for value in one.get("values", ())]
    read = [part["cat_feature_index"] for one in features.get("ctrs", ()) for part in one["elements"] if of_text(part)]
    used = sorted({*read, *(index for index, _ in values)})
    one_hot = [Part(IS, used.index(index), value) for index, value in values]
    statistics = [statistic(one, used) for one in features.get("ctrs", ())]
    scale, bias = found["scale_and_bias"]
    return Dump(
        trees=trees_in(found, floats, values, statistics),
        scale=float(scale),
        bias=np.array(bias, np.float64),
        loss=found["model_info"].get("params", {}).get("loss_function", {}).get("type", ""),
        names={
            one["flat_feature_index"]: one["feature_id"] or str(one["flat_feature_index"]) for one in floats + texts
        },
        numbers=[one["flat_feature_index"] for one in floats],
        nan_right=[one["nan_value_treatment"] == "AsTrue" for one in floats],
        categories=[one["flat_feature_index"] for one in texts if one["feature_index"] in used],
        one_hot=one_hot,
        statistics=statistics,
        tables=found.get("ctr_data", {}),
    )


def of_text(element: dict[str, Any]) -> bool:
    """Whether a part of a statistic is one of a column of categories."""
    return "cat_feature_index" in element


def statistic(found: dict[str, Any], used: list[int]) -> Statistic:
    """One statistic; columns of categories are numbered as those that are used."""
    parts = [
        Part(one["combination_element"], used.index(one["cat_feature_index"]), one.get("value", 0))
        if of_text(one)
        else Part(one["combination_element"], one["float_feature_index"], one["border"])
        for one in found["elements"]
    ]
    return Statistic(tuple(parts), found["identifier"], found)


def trees_in(
    found: dict[str, Any],
    floats: Sequence[dict[str, Any]],
    one_hot: Sequence[tuple[int, int]],
    statistics: Sequence[Statistic],
) -> list[Tree]:
    """The trees; all splits of a level are the same one if they are symmetric."""
    first = sum(len(one["borders"]) for one in floats) + len(one_hot)
    of_statistics = [(place, border) for place, one in enumerate(statistics) for border in one.settings["borders"]]

    def read(split: dict[str, Any]) -> Split:
        if split["split_type"] == "FloatFeature":
            place = split["float_feature_index"]
            return place, split["border"], floats[place]["nan_value_treatment"] != "AsTrue"
        if split["split_type"] == "OneHotFeature":
            return len(floats) + one_hot.index((split["cat_feature_index"], split["value"])), 0.5, True
        place, border = of_statistics[split["split_index"] - first]
        if split["split_type"] != "OnlineCtr" or border != split["border"]:
            raise NotImplementedError(f"it splits by {split['split_type']} in a way that is not known")
        return len(floats) + len(one_hot) + place, border, True

    if "oblivious_trees" in found:
        return [symmetric([read(one) for one in tree["splits"] or ()], tree) for tree in found["oblivious_trees"]]
    return [branching(tree, read) for tree in found["trees"]]


def symmetric(splits: Sequence[Split], found: dict[str, Any]) -> Tree:
    """A tree with one split for all nodes of a level, of which the first one decides on the last bit of the leaf."""
    depth, leaves = len(splits), 2 ** len(splits)
    width = 2 ** np.arange(depth)
    above = np.concatenate([np.arange(count) for count in width]) if depth else np.arange(0)
    wide = np.repeat(width, width)
    left = np.r_[2 * wide - 1 + above, np.full(leaves, -1)]
    values = np.array(found["leaf_values"], np.float64).reshape(leaves, -1)
    feature, border, nan_left = (np.repeat(part, width) for part in np.array(splits, object).reshape(-1, 3).T)
    return Tree(
        left,
        np.r_[2 * wide - 1 + above + wide, np.full(leaves, -1)],
        np.r_[feature.astype(np.int64), np.zeros(leaves, np.int64)],
        np.r_[border.astype(np.float64), np.zeros(leaves)],
        np.r_[nan_left.astype(bool), np.zeros(leaves, bool)],
        np.concatenate([np.zeros((leaves - 1, values.shape[1])), values]),
    )


def branching(root: dict[str, Any], read: Any) -> Tree:
    """A tree whose nodes hold their children."""
    found, children = [root], []
    for node in found:  # grows on the way
        if "split" in node:
            children.append((len(found), len(found) + 1))
            found += [node["left"], node["right"]]
        else:
            children.append((-1, -1))
    splits = [read(node["split"]) if "split" in node else (0, 0.0, False) for node in found]
    outputs = max(np.size(node.get("value", 0.0)) for node in found)
    feature, border, nan_left = zip(*splits, strict=True)
    left, right = np.array(children).T
    return Tree(
        left,
        right,
        np.array(feature, np.int64),
        np.array(border, np.float64),
        np.array(nan_left, bool),
        np.array([np.resize(node.get("value", 0.0), outputs) for node in found], np.float64),
    )
