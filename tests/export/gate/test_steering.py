"""Rows are chosen that reach the node whose threshold they are moved onto."""

import numpy as np
import pytest

from alpenglow._export.gate.steering import Steering
from alpenglow._export.proved.claims import sums_of
from alpenglow._export.proved.floats import cuts
from tests.export.proved.families import FAMILIES, boosters, fitted


@pytest.mark.parametrize("family", ["DecisionTreeClassifier", "RandomForestRegressor", "BaggingClassifier"])
def test_a_row_that_is_chosen_reaches_a_node_with_that_threshold(family: str) -> None:
    model, sample = fitted(FAMILIES[family], 0)
    seen = sample.to_numpy(np.float64)
    trees = getattr(model, "estimators_", [model])
    columns = getattr(model, "estimators_features_", [np.arange(sample.shape[1])] * len(trees))
    thresholds = {
        (int(places[tree.tree_.feature[node]]), float(tree.tree_.threshold[node]))
        for tree, places in zip(trees, columns, strict=True)
        for node in np.flatnonzero(tree.tree_.children_left >= 0)
    }
    feature, value = (np.array(values) for values in zip(*sorted(thresholds), strict=True))
    found = Steering([sums_of(model).forest]).starts(seen, feature, value, float32=True)
    assert (found >= 0).all()  # each node was made for some rows of the sample
    for row, this, threshold in zip(found, feature, value, strict=True):
        reached = {
            (int(places[tree.tree_.feature[node]]), cut(tree.tree_.threshold[node]))
            for tree, places in zip(trees, columns, strict=True)
            for node in tree.tree_.decision_path(seen[[row]][:, places].astype(np.float32)).indices
        }
        assert (this, cut(threshold)) in reached


def cut(threshold: float) -> int:
    """The same for thresholds that no float32 lies between."""
    return int(cuts(np.array([threshold]), narrow=True)[0])


@pytest.mark.parametrize("family", ["HistGradientBoostingClassifier", *boosters()])
def test_nodes_of_other_trees_are_known_and_reached(family: str) -> None:
    model, sample = fitted((FAMILIES | boosters())[family], 0)
    forest = sums_of(model).forest
    inner = np.flatnonzero((forest.left >= 0) & ~np.isin(np.arange(len(forest.left)), list(forest.sides)))
    steering = Steering([forest])
    reached = steering.reached(0, inner, sample.to_numpy(np.float64))
    assert reached.any(axis=0).mean() > 0.9


def test_what_no_tree_compares_has_no_start() -> None:
    model, sample = fitted(FAMILIES["DecisionTreeClassifier"], 0)
    steering, where = Steering([sums_of(model).forest]), (np.array([0]), np.array([123.456]))
    assert not steering.knows(*where, float32=True)
    assert steering.starts(sample.to_numpy(np.float64), *where, float32=True).tolist() == [-1]
