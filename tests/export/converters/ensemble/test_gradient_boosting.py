"""Boosting: the same sums in the same order, and the labels that follow from them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes, wine

ROUNDING = 1e-14


def on_edges(model, features: pd.DataFrame) -> pd.DataFrame:
    """Rows on every threshold and beside it."""
    rows, reached, total = boundary_rows(
        Fitted(model), Rows(features, [name for name in features if features[name].dtype.kind in "if"])
    )
    assert reached > 0.8 * total
    return rows


def numbers() -> tuple[pd.DataFrame, pd.Series]:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    return table.drop(columns="target"), table["target"]


@pytest.mark.parametrize(
    "options", [{}, {"init": "zero"}, {"init": RandomForestClassifier(3, random_state=0)}, {"subsample": 0.5}], ids=str
)
@pytest.mark.parametrize("labels", [[0, 1, 2], ["a", "b", "c"], [False, True, True], [-5, 2**40, 2**40]], ids=str)
def test_gradient_boosting_classifies(options, labels) -> None:
    features, target = numbers()
    model = GradientBoostingClassifier(n_estimators=8, random_state=0, **options).fit(
        features, np.array(labels)[target]
    )
    check_same(model, features, on_edges(model, features), ROUNDING)


def test_gradient_boosting_with_exponential_loss() -> None:
    features, target = cancer().drop(columns="target"), cancer()["target"]
    model = GradientBoostingClassifier(n_estimators=8, loss="exponential", random_state=0).fit(features, target)
    check_same(model, features, on_edges(model, features), ROUNDING)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
@pytest.mark.parametrize("init", [None, "zero", RandomForestRegressor(3, random_state=0)], ids=str)
def test_gradient_boosting_predicts_to_the_last_bit(loss, init) -> None:
    table = diabetes()
    features, target = table.drop(columns="target"), table["target"]
    model = GradientBoostingRegressor(n_estimators=20, loss=loss, init=init, random_state=0).fit(features, target)
    check_same(model, features, on_edges(model, features))


@pytest.mark.parametrize("labels", [[0, 1, 2], ["a", "b", "c"], [False, True, True]], ids=str)
def test_histogram_boosting_classifies_with_gaps(labels) -> None:
    table = wine().drop(columns=["colour", "strong"])
    features, target = table.drop(columns="target"), np.array(labels)[table["target"]]
    model = HistGradientBoostingClassifier(max_iter=10).fit(features, target)
    check_same(model, features, on_edges(model, features), ROUNDING)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson", "gamma", "quantile"])
def test_histogram_boosting_predicts(loss) -> None:
    table = diabetes()
    features, target = table.drop(columns="target"), table["target"]
    model = HistGradientBoostingRegressor(max_iter=20, loss=loss, quantile=0.3).fit(features, target)
    check_same(model, features, on_edges(model, features), 0.0 if "error" in loss else ROUNDING)


def test_histogram_boosting_compares_float64() -> None:
    x = 1.0 + np.arange(60) * 2.0**-40  # all the same in float32
    model = HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=1).fit(x[:, np.newaxis], np.arange(60) % 7)
    assert len(np.unique(model.predict(x[:, np.newaxis]))) > 1
    check_same(model, pd.DataFrame({"x0": x}))


def test_infinities_and_a_split_on_missing_alone() -> None:
    x = np.array([np.nan] * 30 + [np.inf, -np.inf, 1.0] * 10)
    features = pd.DataFrame({"x": x})
    model = HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=1).fit(features, np.isnan(x).astype(float))
    check_same(model, features)


def test_native_categories_known_unknown_and_missing() -> None:
    table = wine()
    features = table.drop(columns="target").assign(vintage=(table["alcohol"].fillna(13.0) * 4).round())
    columns = ["colour", "strong", "vintage"]
    model = HistGradientBoostingClassifier(max_iter=15, categorical_features=columns, min_samples_leaf=3)
    model.fit(features, table["target"])
    check_same(model, features, tolerance=ROUNDING)
    for changed in ({"colour": "pink"}, {"colour": None}, {"colour": ""}, {"vintage": 49.5}, {"vintage": np.nan}):
        check_same(model, features, features.assign(**changed), ROUNDING)


def test_categories_that_pandas_knows_of() -> None:
    table = wine()
    features = table[["alcohol", "colour"]].assign(colour=table["colour"].astype("category"))
    model = HistGradientBoostingClassifier(max_iter=5).fit(features, table["target"])
    assert model.is_categorical_.tolist() == [False, True]
    check_same(model, features, tolerance=ROUNDING)


def test_behind_other_steps() -> None:
    features, target = numbers()
    columns = make_column_transformer((StandardScaler(), ["alcohol", "hue"]), remainder="passthrough")
    model = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=5)).fit(features, target)
    check_same(model, features, on_edges(model, features), ROUNDING)


def test_an_estimator_in_float32_that_it_begins_with_is_not_taken_for_exact() -> None:
    features, target = diabetes().drop(columns="target"), diabetes()["target"]
    model = GradientBoostingRegressor(n_estimators=3, init=LinearRegression(), random_state=0).fit(features, target)
    with pytest.raises(AssertionError):
        check_same(model, features, tolerance=1e-12)
    check_same(model, features, tolerance=1e-5)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    categories=st.integers(2, 60),
    depth=st.integers(1, 5),
    classes=st.integers(2, 3),
    gaps=st.booleans(),
)
def test_any_split_by_category_is_exact(seed: int, categories: int, depth: int, classes: int, gaps: bool) -> None:
    random = np.random.default_rng(seed)
    codes = random.integers(0, categories, 150).astype(float)
    if gaps:
        codes[random.random(150) < 0.1] = np.nan
    features = pd.DataFrame({"code": codes, "x": random.normal(size=150)})
    target = (random.integers(0, 9, categories + 1)[np.nan_to_num(codes, nan=categories).astype(int)] + 1) % classes
    model = HistGradientBoostingClassifier(
        max_iter=4, max_depth=depth, min_samples_leaf=1, categorical_features=["code"], early_stopping=False
    ).fit(features, np.r_[np.arange(classes), target[classes:]])
    check_same(model, features, tolerance=ROUNDING)
    everything = pd.DataFrame({"code": [*range(-1, categories + 2), np.nan, 0.5], "x": 0.0})
    check_same(model, features, everything, ROUNDING)


def test_splits_by_category_behind_each_other_do_not_multiply() -> None:
    random, categories = np.random.default_rng(0), 100
    codes = pd.DataFrame(random.integers(0, categories, (2000, 4)), columns=list("abcd")).astype(float)
    shifts = random.normal(size=(4, categories))
    target = sum(shift[codes[name].astype(int)] for name, shift in zip(codes, shifts, strict=True))
    model = HistGradientBoostingRegressor(max_iter=10, categorical_features=list(codes)).fit(codes, target)
    found, _ = exported(model, codes)
    assert found.ByteSize() < 100 * sum(len(predictor.nodes) for (predictor,) in model._predictors)
    check_same(model, codes, tolerance=ROUNDING)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), depth=st.integers(1, 5), decimals=st.integers(0, 3), rate=st.floats(0.01, 1.0))
def test_any_small_boosting_model_is_exact(seed: int, depth: int, decimals: int, rate: float) -> None:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.normal(size=(60, 3)).round(decimals), columns=["a", "b", "c"])
    model = GradientBoostingRegressor(n_estimators=5, max_depth=depth, learning_rate=rate, random_state=seed)
    model.fit(features, random.normal(size=60))
    rows, _, _ = boundary_rows(Fitted(model), Rows(features, list(features)))
    check_same(model, features, rows)
