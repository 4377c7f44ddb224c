"""Bagging, AdaBoost, IsolationForest, and voting: over trees as one ensemble, over anything else one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

from alpenglow._export.converters.ensemble.isolation_forest import least
from tests.export.converters.ensemble.test_gradient_boosting import numbers, on_edges
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine

ROUNDING = 1e-13
LABELS = [[0, 1, 2], ["a", "b", "c"], [False, True, True], [7, 2**40, 2**40]]


def regression() -> tuple[pd.DataFrame, pd.Series]:
    table = diabetes()
    return table.drop(columns="target"), table["target"]


def ensembles(pipeline, features) -> int:
    """How many TreeEnsemble nodes the graph has."""
    model, _ = exported(pipeline, features)
    return sum(node.op_type == "TreeEnsemble" for node in model.graph.node)


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize(
    "options", [{}, {"max_features": 0.4}, {"max_samples": 4}, {"estimator": ExtraTreeClassifier()}], ids=str
)
def test_bagging_over_trees_is_exact(labels, options) -> None:
    features, target = numbers()
    model = BaggingClassifier(n_estimators=7, random_state=0, **options).fit(features, np.array(labels)[target])
    check_same(model, features, on_edges(model, features))
    assert ensembles(model, features) == 1


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
def test_forests_of_several_labels_are_exact(kind, labels) -> None:
    features, target = numbers()
    several = np.array(labels)[np.c_[target, 2 - target, (target + 1) % 3]]
    model = kind(7, random_state=0).fit(features, several)
    check_same(model, features, on_edges(model, features))
    assert ensembles(model, features) == 1


SMALL = st.integers(4, 12).flatmap(
    lambda rows: st.tuples(
        arrays.arrays(np.float64, (rows, 2), elements=st.integers(0, 3)),
        st.integers(2, 3).flatmap(lambda count: arrays.arrays(np.int64, (rows, count), elements=st.integers(0, 2))),
    )
)
GRID = pd.DataFrame([(a / 2, b / 2) for a in range(-1, 8) for b in range(-1, 8)], columns=["a", "b"])


@settings(max_examples=15)
@given(SMALL)
def test_votes_for_several_labels_that_tie_fall_as_scikit_learn_s(made) -> None:
    table, labels = made
    features = pd.DataFrame(table, columns=["a", "b"])
    for model in (
        RandomForestClassifier(4, random_state=0),
        KNeighborsClassifier(4),
        ExtraTreeClassifier(random_state=0),
    ):
        check_same(model.fit(features, labels), features, GRID)


@pytest.mark.parametrize(
    "estimator",
    [RandomForestClassifier(3), make_pipeline(StandardScaler(), LogisticRegression()), Perceptron()],
    ids=["forests", "pipelines", "votes"],
)
def test_bagging_over_anything(estimator) -> None:
    features, target = numbers()
    model = BaggingClassifier(estimator, n_estimators=4, max_features=0.7, random_state=0).fit(features, target)
    check_same(model, features, tolerance=ROUNDING)


@pytest.mark.parametrize("estimator", [None, ExtraTreesRegressor(2, random_state=0), LinearRegression()], ids=str)
def test_bagging_predicts(estimator) -> None:
    features, target = regression()
    model = BaggingRegressor(estimator, n_estimators=5, max_features=0.5, random_state=0).fit(features, target)
    check_same(model, features, tolerance=ROUNDING)


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("seen", [1, 1.0])
def test_trees_that_each_see_some_of_few_columns(columns, seen) -> None:
    features, target = regression()
    features = features.iloc[:, :columns]
    high = target > target.median()
    check_same(BaggingRegressor(n_estimators=5, max_features=seen, random_state=0).fit(features, target), features)
    check_same(BaggingClassifier(n_estimators=5, max_features=seen, random_state=0).fit(features, high), features)
    check_same(BaggingClassifier(Perceptron(), 5, max_features=seen, random_state=0).fit(features, high), features)
    check_same(AdaBoostClassifier(n_estimators=5, random_state=0).fit(features, high), features, tolerance=ROUNDING)
    check_same(AdaBoostRegressor(n_estimators=5, random_state=0).fit(features, target), features)
    check_same(
        IsolationForest(n_estimators=5, max_features=seen, random_state=0).fit(features), features, tolerance=ROUNDING
    )


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("estimator", [None, DecisionTreeClassifier(max_depth=3), LogisticRegression()], ids=str)
def test_adaboost_classifies(labels, estimator) -> None:
    features, target = numbers()
    features = (features - features.mean()) / features.std()
    model = AdaBoostClassifier(estimator, n_estimators=12, random_state=0).fit(features, np.array(labels)[target])
    check_same(model, features, tolerance=ROUNDING)
    if not isinstance(estimator, LogisticRegression):
        check_same(model, features, on_edges(model, features), ROUNDING)
        assert ensembles(model, features) == 1


@pytest.mark.parametrize("estimator", [None, LinearRegression(), DecisionTreeRegressor(max_depth=8)], ids=str)
def test_adaboost_predicts_the_weighted_median(estimator) -> None:
    features, target = regression()
    model = AdaBoostRegressor(estimator, n_estimators=9, random_state=0).fit(features, target)
    check_same(model, features, tolerance=ROUNDING)


@pytest.mark.parametrize("options", [{}, {"contamination": 0.1}, {"max_features": 3}, {"max_samples": 1}], ids=str)
def test_isolation_forest_with_gaps(options) -> None:
    features = wine().drop(columns=["target", "colour", "strong"])
    model = IsolationForest(n_estimators=20, random_state=0, **options).fit(features)
    check_same(model, features, tolerance=ROUNDING)
    if "max_samples" not in options:
        check_same(model, features, on_edges(model, features), ROUNDING)


def test_least_finds_the_first_number_that_meets_a_condition() -> None:
    for edge in (0.0, 5e-324, 0.1, 12345.678, 1.7e308):
        assert least(lambda x, edge=edge: x >= edge) == edge
    assert least(lambda x: x < 0) == np.inf


def mixed() -> object:
    """Columns by name, text and gaps among them."""
    table = wine()
    return make_column_transformer(
        (SimpleImputer(), [name for name in table if name not in ("colour", "strong", "target")]),
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
    )


@pytest.mark.parametrize("options", [{}, {"voting": "soft"}, {"voting": "soft", "weights": [1, 2, 0.5]}], ids=str)
def test_voting_over_whole_pipelines(options) -> None:
    features, target = wine().drop(columns="target"), wine()["target"]
    members = [
        ("forest", make_pipeline(mixed(), RandomForestClassifier(5, random_state=0))),
        ("boosting", make_pipeline(mixed(), GradientBoostingClassifier(n_estimators=5, random_state=0))),
        ("linear", make_pipeline(mixed(), StandardScaler(with_mean=False), LogisticRegression())),
    ]
    model = VotingClassifier(members, **options).fit(features, np.array(["x", "y", "z"])[target])
    check_same(model, features, tolerance=ROUNDING)


def test_a_vote_that_is_a_tie_goes_to_the_first_class() -> None:
    features = pd.DataFrame({"a": [0.0, 0.0, 1.0, 1.0], "b": [0.0, 1.0, 0.0, 1.0]})
    members = [(str(i), DecisionTreeClassifier(max_features=1, random_state=i)) for i in range(4)]
    for voting in ("hard", "soft"):
        model = VotingClassifier(members, voting=voting).fit(features, [2, 0, 1, 2])
        check_same(model, features)


def test_voting_predicts() -> None:
    features, target = regression()
    members = [("linear", LinearRegression()), ("trees", ExtraTreesRegressor(3, random_state=0))]
    for weights in (None, [1, 3]):
        check_same(VotingRegressor(members, weights=weights).fit(features, target), features, tolerance=ROUNDING)


def test_stacking_over_trees() -> None:
    features, target = wine().drop(columns="target"), wine()["target"]
    members = [
        ("forest", make_pipeline(mixed(), RandomForestClassifier(5, random_state=0))),
        ("boosting", HistGradientBoostingClassifier(max_iter=5, categorical_features=["colour", "strong"])),
    ]
    model = StackingClassifier(members, RandomForestClassifier(5, random_state=0), cv=2).fit(features, target)
    check_same(model, features, tolerance=ROUNDING)


def test_stumps_whose_two_leaves_vote_for_the_same_class() -> None:
    features, target = numbers()
    model = AdaBoostClassifier(random_state=0).fit(features, target == 0)
    votes = [np.unique(stump.tree_.value[1:, 0].argmax(axis=1)) for stump in model.estimators_]
    assert min(map(len, votes)) == 1
    check_same(model, features, tolerance=ROUNDING)
