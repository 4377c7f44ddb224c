"""LightGBM's and XGBoost's scikit-learn estimators, where these packages are installed."""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alpenglow._export.errors import ConversionError
from alpenglow._export.gate import parity
from alpenglow._export.gate.boundaries import Rows, boundary_rows
from alpenglow._export.gate.bounds import tolerance_of
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine


def package(name: str) -> Any:
    """Import it; LightGBM needs the system's libgomp."""
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        pytest.skip(f"{name} does not load here: {error}")


@pytest.fixture
def lightgbm() -> Any:
    return package("lightgbm")


@pytest.fixture
def xgboost() -> Any:
    return package("xgboost")


def numbers() -> tuple[pd.DataFrame, pd.Series]:
    table = wine().drop(columns=["colour", "strong"])
    return table.drop(columns="target"), table["target"]


def regression() -> tuple[pd.DataFrame, pd.Series]:
    table = diabetes()
    return table.drop(columns="target"), table["target"]


def rows(model: Any, features: pd.DataFrame) -> pd.DataFrame:
    """The sample, every threshold and what is beside it, and a missing value in each column."""
    edges, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached > 0.8 * total > 0
    return pd.concat([features, edges, *(features.head(5).assign(**{name: np.nan}) for name in features)])


LIGHT = {"n_estimators": 12, "verbose": -1, "min_child_samples": 3, "random_state": 0}


@pytest.mark.parametrize("labels", [[0, 1, 2], ["a", "b", "c"], [False, True, True]], ids=str)
@pytest.mark.parametrize(
    "options",
    [{}, {"boosting_type": "dart"}, {"boosting_type": "rf", "subsample": 0.5, "subsample_freq": 1}],
    ids=["boosted", "dart", "forest"],
)
def test_lightgbm_classifies(lightgbm, labels, options) -> None:
    features, target = numbers()
    model = lightgbm.LGBMClassifier(**LIGHT, **options).fit(features, np.array(labels)[target])
    check_same(model, features, rows(model, features), tolerance=1e-15)


@pytest.mark.parametrize("objective", ["regression", "regression_l1", "huber", "poisson", "tweedie", "quantile"])
def test_lightgbm_predicts(lightgbm, objective) -> None:
    features, target = regression()
    model = lightgbm.LGBMRegressor(objective=objective, **LIGHT).fit(features, target)
    check_same(model, features, rows(model, features), tolerance=1e-15)


def test_lightgbm_splits_by_category(lightgbm) -> None:
    features, _ = numbers()
    features["vintage"] = np.arange(len(features)) % 11
    model = lightgbm.LGBMClassifier(**LIGHT, min_data_per_group=2, cat_smooth=1.0, max_cat_to_onehot=1)
    model.fit(features, features["vintage"] * 7 % 3, categorical_feature=["vintage"])
    assert "==" in str(model.booster_.dump_model()["tree_info"])
    for vintage in (-3.0, -1.0, -0.5, 0.0, 3.999, 7.5, 1e9, np.nan):
        check_same(model, features, features.assign(vintage=vintage), tolerance=1e-15)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    categories=st.lists(st.integers(2, 60), min_size=1, max_size=3),
    classes=st.integers(2, 3),
)
def test_any_lightgbm_split_by_category_is_exact(seed: int, categories: list[int], classes: int) -> None:
    lightgbm, random = package("lightgbm"), np.random.default_rng(seed)
    features = pd.DataFrame({f"c{i}": random.integers(0, count, 200) for i, count in enumerate(categories)}).astype(
        float
    )
    shifts = [random.integers(0, 9, count) for count in categories]
    target = sum(shifts[i][features[f"c{i}"].astype(int)] for i in range(len(categories))) % classes
    named, features = list(features), features.assign(x=random.normal(size=200))
    options = LIGHT | {"n_estimators": 4, "min_data_per_group": 2, "cat_smooth": 1.0, "max_cat_to_onehot": 1}
    model = lightgbm.LGBMClassifier(**options).fit(features, target, categorical_feature=named)
    everything = np.r_[np.arange(-2.0, 62.0), -0.5, 3.5, 1e9, np.nan]
    rows = pd.DataFrame({name: random.choice(everything, 300) for name in features})
    check_same(model, features, pd.concat([features, rows]), tolerance=1e-15)
    edges, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached >= 0.5 * total
    check_same(model, features, edges, tolerance=1e-15)


def test_lightgbm_that_takes_zeros_for_missing_is_refused(lightgbm) -> None:
    features, target = regression()
    model = lightgbm.LGBMRegressor(zero_as_missing=True, **LIGHT).fit(features.assign(bp=0.0).iloc[:, ::-1], target)
    with pytest.raises(ConversionError, match="it takes zeros for missing values"):
        exported(model, features.assign(bp=0.0).iloc[:, ::-1])


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 1, 1]], ids=str)
@pytest.mark.parametrize("kind", ["XGBClassifier", "XGBRFClassifier"])
def test_xgboost_classifies(xgboost, labels, kind) -> None:
    features, target = numbers()
    model = getattr(xgboost, kind)(n_estimators=12, random_state=0).fit(features, np.array(labels)[target])
    check(model, features)


@pytest.mark.parametrize("objective", ["reg:squarederror", "reg:absoluteerror", "count:poisson", "reg:tweedie"])
def test_xgboost_predicts(xgboost, objective) -> None:
    features, target = regression()
    model = xgboost.XGBRegressor(n_estimators=12, objective=objective, random_state=0).fit(features, target)
    check(model, features)
    if objective == "reg:squarederror":
        check_same(model, features, rows(model, features))


def test_xgboost_after_an_early_stop_behind_a_scaler(xgboost) -> None:
    features, target = numbers()
    booster = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=2, random_state=0)
    scaler = StandardScaler().fit(features)
    booster.fit(
        scaler.transform(features)[:120], target[:120], eval_set=[(scaler.transform(features)[120:], target[120:])]
    )
    assert booster.best_iteration + 1 < booster.get_booster().num_boosted_rounds()
    check(make_pipeline(scaler, booster), features)


def check(model: Any, features: pd.DataFrame) -> None:
    """Labels are the same, numbers within XGBoost's bound."""
    _, graph = exported(model, features)
    table = rows(model, features)
    expected, given = Fitted(model).answers(table), graph.predict(table)
    for name, answer in expected.items():
        if name == "label":
            np.testing.assert_array_equal(given[name], answer)
        else:
            assert parity.difference(answer, given[name], 1.0).max() <= tolerance_of(Fitted(model).classes)
