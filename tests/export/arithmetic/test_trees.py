"""Forests are exact: every bit of every probability, on the thresholds and beside them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from alpenglow._export.arithmetic.trees import largest_float32_not_above
from tests.export.helpers import check_same
from tests.tables import cancer, diabetes, wine

CLASSIFIERS = [DecisionTreeClassifier, ExtraTreeClassifier, ExtraTreesClassifier, RandomForestClassifier]
REGRESSORS = [DecisionTreeRegressor, ExtraTreeRegressor, ExtraTreesRegressor, RandomForestRegressor]


def forest(kind, **options):
    """A small one."""
    return kind(
        random_state=0,
        **({"n_estimators": 7} if "Forest" in kind.__name__ or "Trees" in kind.__name__ else {}),
        **options,
    )


@given(st.floats(width=32, allow_nan=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_float32_threshold_splits_as_the_float64_one_does(x: float, threshold: float) -> None:
    narrow = largest_float32_not_above(np.array([threshold]))[0]
    assert (np.float32(x) <= narrow) == (np.float64(np.float32(x)) <= threshold)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_it_holds_next_to_the_threshold(threshold: float) -> None:
    narrow = largest_float32_not_above(np.array([threshold]))
    with np.errstate(over="ignore"):
        above = np.nextafter(narrow, np.float32(np.inf))
    assert narrow.astype(np.float64) <= threshold < above.astype(np.float64)


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_classifiers_are_exact_on_their_thresholds(kind) -> None:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features, truth = table.drop(columns="target"), table["target"]
    model = forest(kind).fit(features, truth)
    check_same(model, features, on_thresholds(model, features))


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors_are_exact_on_their_thresholds(kind) -> None:
    table = diabetes()
    features, truth = table.drop(columns="target"), table["target"]
    model = forest(kind).fit(features, truth)
    check_same(model, features, on_thresholds(model, features))


def on_thresholds(model, features: pd.DataFrame) -> pd.DataFrame:
    """The rows, each number replaced by a threshold of its column or by one of its float64 or float32 neighbours."""
    random = np.random.default_rng(0)
    rows = features.copy()
    trees = [tree.tree_ for tree in getattr(model, "estimators_", [model])]
    for index, name in enumerate(features):
        found = np.concatenate([tree.threshold[tree.feature == index] for tree in trees])
        if len(found):
            narrow = found.astype(np.float32)
            beside = [
                np.nextafter(found, np.inf),
                np.nextafter(found, -np.inf),
                narrow,
                np.nextafter(narrow, np.float32(np.inf)),
            ]
            rows[name] = random.choice(np.concatenate([found, *beside]), len(rows))
    return rows


def test_ties_go_to_the_first_class() -> None:
    features = pd.DataFrame({"x": [0.0] * 6 + [1.0] * 6})
    truth = [0, 1] * 6
    model = forest(RandomForestClassifier).fit(features, truth)
    stump = DecisionTreeClassifier(max_depth=1).fit(features, truth)
    for classifier in (model, stump):
        check_same(classifier, features)
    assert (stump.predict_proba(features) == 0.5).all()


@pytest.mark.parametrize("kind", [RandomForestClassifier, RandomForestRegressor, DecisionTreeClassifier])
def test_missing_values_go_where_the_tree_sends_them(kind) -> None:
    table = wine().drop(columns=["colour", "strong"])
    features, truth = table.drop(columns="target"), table["target"]
    check_same(forest(kind).fit(features, truth), features)


@pytest.mark.parametrize("part", [1, 20, 200])
def test_a_forest_in_several_nodes_adds_its_trees_in_the_same_order(part, monkeypatch) -> None:
    monkeypatch.setattr("alpenglow._export.arithmetic.trees.PART", part)
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features, truth = table.drop(columns="target"), table["target"]
    for model in (forest(RandomForestClassifier), forest(RandomForestRegressor)):
        check_same(model.fit(features, truth), features, on_thresholds(model, features))


def test_single_leaves_among_other_trees() -> None:
    features, truth = cancer().drop(columns="target"), cancer()["target"]
    model = RandomForestClassifier(30, min_impurity_decrease=0.1, max_features=1, random_state=0).fit(features, truth)
    assert {1, 3} <= {tree.tree_.node_count for tree in model.estimators_}
    check_same(model, features)


def test_several_outputs() -> None:
    table = diabetes()
    features, truth = table.drop(columns=["target", "bmi"]), table[["target", "bmi"]]
    check_same(forest(RandomForestRegressor).fit(features, truth), features)


def test_trees_that_are_a_single_leaf() -> None:
    features, truth = cancer().drop(columns="target"), cancer()["target"]
    check_same(forest(RandomForestClassifier, min_samples_leaf=400).fit(features, truth), features)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    trees=st.integers(1, 12),
    depth=st.integers(1, 6),
    classes=st.integers(2, 4),
    decimals=st.integers(0, 3),
)
def test_any_small_forest_is_exact(seed: int, trees: int, depth: int, classes: int, decimals: int) -> None:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.normal(size=(60, 3)).round(decimals), columns=["a", "b", "c"])
    model = RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=seed)
    model.fit(features, np.r_[np.arange(classes), random.integers(0, classes, 60 - classes)])
    check_same(model, features, on_thresholds(model, features))
