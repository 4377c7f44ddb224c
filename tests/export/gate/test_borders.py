"""Rows on the borders between decisions, wherever in a pipeline these are made."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export import registry
from alpenglow._export.arithmetic.borders import Borders
from alpenglow._export.gate.borders import apart, bisected, border_rows, candidates, deciders
from alpenglow._export.gate.boundaries import APART
from alpenglow._export.gate.grids import MOST_ROWS, axis, grid_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.registry import borders_of
from tests.tables import wine


def numbers() -> tuple[pd.DataFrame, pd.Series]:
    table = wine()[["alcohol", "hue", "proline", "target"]].fillna(1.0)
    return table.drop(columns="target"), table["target"]


def on_borders(model, features: pd.DataFrame) -> pd.DataFrame:
    return border_rows(Fitted(model), Rows(features, list(features)))


def test_every_converter_says_where_its_class_decides() -> None:
    registry.meet_libraries()
    assert {lightgbm.LGBMClassifier, xgboost.XGBClassifier} < set(registry.PREDICTORS)
    silent = (set(registry.PREDICTORS) | set(registry.TRANSFORMERS)) - set(registry.BORDERS)
    assert {kind for kind in silent if not kind.__module__.startswith("tests.")} == set()  # those of other tests stay


@pytest.mark.parametrize("module", registry.MODULES, ids=lambda module: module.__name__.split("converters.")[1])
def test_it_is_said_in_the_converters_own_module(module) -> None:
    converted = getattr(module, "PREDICTORS", {}).keys() | getattr(module, "TRANSFORMERS", {}).keys()
    assert converted == getattr(module, "BORDERS", {}).keys()


def test_what_is_said_of_a_class_is_known_of_its_steps() -> None:
    assert borders_of(lightgbm.LGBMClassifier()).decisions
    assert borders_of(xgboost.XGBRegressor()).decisions == ()
    assert borders_of(object()) == Borders()


@pytest.mark.parametrize(
    "model",
    [
        KMeans(4, random_state=0),
        make_pipeline(StandardScaler(), KMeans(4, random_state=0)),
        SVC(),
        KNeighborsClassifier(),
        RandomForestClassifier(3, random_state=0),
        VotingClassifier([("a", DecisionTreeClassifier(max_depth=2)), ("b", KNeighborsClassifier(1))]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_borders_are_found_to_the_last_bit(model) -> None:
    features, target = numbers()
    model.fit(features, target)
    rows = Rows(features, list(features))
    decider = deciders(model)[0]
    pairs = candidates(decider, rows, 30, np.random.default_rng(0))
    pairs = apart(decider, rows, pairs)
    near = bisected(decider, rows, pairs)
    assert len(near.at) > 10
    assert ((near.left == near.right) | (np.nextafter(near.left, near.right) == near.right)).all()
    left, right = (model.predict(rows.frame(near.at, side)) for side in (near.left, near.right))
    assert (left != right).all()


def test_one_number_or_all_are_moved() -> None:
    features, _ = numbers()
    rows = Rows(features, list(features))
    decider = deciders(KMeans(4, random_state=0).fit(features))[0]
    pairs = candidates(decider, rows, 30, np.random.default_rng(0))
    moved = (pairs.left != pairs.right).sum(axis=1)
    assert (moved == 1).sum() > 100
    assert (moved == 3).sum() > 80


def test_where_the_graph_is_equal_to_rounding_rows_keep_their_distance() -> None:
    features, target = numbers()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features[["proline"]], target == 0)
    rows = on_borders(model, features[["proline"]])["proline"].to_numpy()
    left, right = rows.reshape(2, -1)
    assert (model.predict(left[:, np.newaxis]) != model.predict(right[:, np.newaxis])).all()
    assert (np.abs(left - right) > APART * 0.5).all()
    assert (np.abs(left - right) < 3 * APART * np.ptp(features["proline"])).all()


def test_neighbours_decide_where_no_label_does() -> None:
    features, target = numbers()
    model = KNeighborsRegressor(3).fit(features, target)
    rows = on_borders(model, features)
    found = np.sort(model.kneighbors(rows, return_distance=False), axis=1)
    third = len(rows) // 6
    assert len(np.unique(found, axis=0)) > third / 4
    assert np.abs(model.predict(rows) - model.predict(rows.to_numpy()[::-1])).max() > 0


def test_points_at_equal_distances_are_among_them() -> None:
    features, _ = numbers()
    model = make_pipeline(StandardScaler(), KMeans(4, random_state=0)).fit(features)
    rows = on_borders(model, features)
    away = np.sort(model.transform(rows), axis=1)
    assert (away[:, 1] - away[:, 0] < 1e-12).sum() > 100


def test_members_of_a_vote_decide_behind_their_own_steps_and_beside_texts() -> None:
    table = wine()
    columns = make_column_transformer(
        (SimpleImputer(), ["alcohol", "hue"]), (OneHotEncoder(handle_unknown="ignore"), ["colour"])
    )
    near = make_pipeline(StandardScaler(with_mean=False), KNeighborsClassifier(3))
    vote = VotingClassifier([("near", near), ("tree", DecisionTreeClassifier(max_depth=2))])
    model = make_pipeline(columns, vote).fit(table, table["target"])
    assert [type(one.step).__name__ for one in deciders(model)] == [
        "VotingClassifier",
        "KNeighborsClassifier",
        "KNeighborsClassifier",
    ]
    rows = border_rows(Fitted(model), Rows(table, ["alcohol", "hue"]))
    assert set(rows["colour"].dropna()) <= set(table["colour"].dropna())
    assert len(np.unique(model.predict(rows))) == 3


def test_no_decisions_no_rows() -> None:
    features, target = numbers()
    assert len(on_borders(LinearRegression().fit(features, target), features)) == 0


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_an_axis_is_whole_numbers_of_steps_within_the_range(least: float, size: float) -> None:
    greatest = least + size
    points = axis(least, greatest)
    if size > 64 * np.spacing(abs(least)):
        assert 4 <= len(points) <= 2 * 256 + 1
    assert ((points >= least) & (points <= greatest)).all()
    if 4 <= greatest - least <= 256:
        assert (2 * points == np.rint(2 * points)).all()
        assert {float(value) for value in range(int(np.ceil(least)), int(np.floor(greatest)) + 1)} <= set(points)


def test_a_small_grid_is_whole() -> None:
    features = pd.DataFrame({"a": [0.0, 4.0], "b": [1.0, 7.0], "c": [3.0, 3.0]})
    rows = grid_rows(Rows(features, list(features)))
    assert len(rows) == len(np.unique(rows, axis=0)) == 9 * 13
    assert set(rows["c"]) == {3.0}


def test_a_large_grid_is_drawn_from_and_wide_tables_get_fewer_rows() -> None:
    features, _ = numbers()
    assert len(grid_rows(Rows(features, list(features)))) == MOST_ROWS
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 500)), columns=[f"c{i}" for i in range(500)])
    assert len(grid_rows(Rows(wide, list(wide)))) < MOST_ROWS / 4
