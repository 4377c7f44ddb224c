"""What CatBoost adds up, from the JSON that it saves of a model: it compares float32 and adds float64."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from alpenglow._export.proved.floats import cuts
from alpenglow._export.proved.forests import Forest, Sums, UnreadableError, joined, side_by_side

Node = dict[str, Any]  # with a `split` and what is `left` and `right` of it, or with a `value`


def sums_of(model: Any) -> Sums:
    """The trees' values in their order, in float64; a leaf has one for each output."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        found = json.loads(path.read_text(encoding="utf-8"))
    features, outputs = found["features_info"], len(found["scale_and_bias"][1])
    if features.get("categorical_features"):
        raise UnreadableError("CatBoost has columns of categories")
    columns = {one["feature_index"]: one for one in features["float_features"]}
    roots = found["trees"] if "trees" in found else [unfolded(one, outputs) for one in found["oblivious_trees"]]
    trees = [tree(root, columns) for root in roots]
    return Sums(joined(trees), side_by_side(len(trees), outputs), np.float64, width=len(columns))


def unfolded(found: dict[str, Any], outputs: int) -> Node:
    """The root of a tree with one split for each level; each is a bit of the leaf's number, the first the lowest."""
    splits = found["splits"] or []
    values = np.reshape(found["leaf_values"], (-1, outputs))

    def node(level: int, leaf: int) -> Node:
        if level == len(splits):
            return {"value": values[leaf]}
        left, right = (node(level + 1, leaf | bit << level) for bit in (0, 1))
        return {"split": splits[level], "left": left, "right": right}

    return node(0, 0)


def tree(root: Node, columns: dict[int, dict[str, Any]]) -> Forest:
    """One tree: what is above the border goes right."""
    nodes, left, right = [root], [], []
    for node in nodes:  # grows on the way
        inner = "split" in node
        left.append(len(nodes) if inner else -1)
        right.append(len(nodes) + 1 if inner else -1)
        nodes += [node["left"], node["right"]] if inner else []
    split: list[dict[str, Any]] = [
        columns[node["split"]["float_feature_index"]] if "split" in node else {} for node in nodes
    ]
    border = [node["split"]["border"] if "split" in node else 0.0 for node in nodes]
    outputs = max(np.size(node.get("value", 0.0)) for node in nodes)
    return Forest(
        np.array([0]),
        np.array(left),
        np.array(right),
        np.array([one.get("flat_feature_index", -1) for one in split]),
        cuts(np.array(border, np.float64), narrow=True),
        np.array([one.get("nan_value_treatment", "AsTrue") != "AsTrue" for one in split]),
        np.array([np.resize(node.get("value", 0.0), outputs) for node in nodes], np.float64),
    )
