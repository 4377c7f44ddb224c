"""LightGBM's and XGBoost's scikit-learn estimators, where these packages are installed."""

from importlib import import_module
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from alpenglow._export.api import export
from alpenglow._export.converters.libraries.lightgbm import ZERO
from alpenglow._export.errors import SampleError
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


@settings(max_examples=10, deadline=None)
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
    target = np.r_[np.arange(classes), target[classes:]]  # each class is there
    named, features = list(features), features.assign(x=random.normal(size=200))
    options = {"n_estimators": 4, "min_data_per_group": 2, "cat_smooth": 1.0, "max_cat_to_onehot": 1, "n_jobs": 1}
    model = lightgbm.LGBMClassifier(**LIGHT | options).fit(features, target, categorical_feature=named)
    everything = np.r_[np.arange(-2.0, 62.0), -0.5, 3.5, 1e9, np.nan]
    rows = pd.DataFrame({name: random.choice(everything, 300) for name in features})
    check_same(model, features, pd.concat([features, rows]), tolerance=1e-15)
    edges, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached >= 0.5 * total
    if total:  # a target may be left that nothing splits
        check_same(model, features, edges, tolerance=1e-15)


def around_zero(seed: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Columns on both sides of zero, some of them as small as what LightGBM takes for zero; zeros and gaps."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(200, 3)).round(2) * random.choice([1.0, 1e-34, 3e-35], 3)
    matrix[random.random(matrix.shape) < 0.2] = 0.0
    matrix[random.random(matrix.shape) < 0.1 * (seed % 2)] = np.nan
    return pd.DataFrame(matrix, columns=list("abc")), np.nan_to_num(matrix) @ (1, -1, 2) / np.nanstd(matrix)


def numbers_beside(model: Any, sample: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows of thresholds, of the ends of what is taken for zero, of the neighbours of both, and of other ends."""
    random = np.random.default_rng(seed)
    at = np.r_[model.booster_.trees_to_dataframe()["threshold"].dropna(), ZERO, -ZERO]
    beside = [np.nextafter(at, side) for side in (-np.inf, np.inf)]
    values = np.r_[at, *beside, 0.0, -0.0, 5e-324, np.nan, 1e-30, 1.1e300, -1e300, np.inf, -np.inf]
    matrix = sample.to_numpy()[random.integers(0, len(sample), 2000)]
    return pd.DataFrame(
        np.where(random.random(matrix.shape) < 0.7, random.choice(values, matrix.shape), matrix), columns=sample.columns
    )


@pytest.mark.parametrize(
    "options",
    [{}, {"zero_as_missing": True}, {"use_missing": False}, {"linear_tree": True}],
    ids=str,
)
def test_lightgbm_takes_what_is_next_to_zero_for_zero_as_its_missing_values_want_it(lightgbm, options) -> None:
    seen = set()
    for seed in range(6):
        sample, target = around_zero(seed)
        settings = LIGHT | {"n_estimators": 5, "num_leaves": 8, "n_jobs": 1} | options
        if seed % 3:
            model = lightgbm.LGBMRegressor(**settings).fit(sample, target)
        else:
            model = lightgbm.LGBMClassifier(**settings).fit(sample, np.digitize(target, [-0.5, 0.5]))
        seen |= set(model.booster_.trees_to_dataframe()["missing_type"].dropna())
        check_same(model, sample, numbers_beside(model, sample, seed), tolerance=1e-14)
    assert ("Zero" in seen) == ("zero_as_missing" in options)
    assert ("NaN" in seen) == ("use_missing" not in options and "zero_as_missing" not in options)


def test_lightgbm_on_centred_numbers_is_exported(lightgbm, tmp_path) -> None:
    random = np.random.default_rng(0)
    sample = pd.DataFrame(random.normal(size=(400, 4)), columns=list("abcd"))
    target = sample["a"] + sample["b"] + sample["c"] * sample["d"] > 0
    model = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(sample, target)
    assert model.booster_.trees_to_dataframe()["threshold"].abs().min() < 1e-34
    assert export(model, sample, tmp_path / "model.onnx").exact


def test_lightgbm_adds_a_line_in_each_leaf(lightgbm, tmp_path) -> None:
    features, target = regression()
    gaps = features.mask(np.random.default_rng(0).random(features.shape) < 0.1)
    model = lightgbm.LGBMRegressor(**LIGHT, linear_tree=True).fit(gaps, target)
    assert "leaf_coeff" in str(model.booster_.dump_model()["tree_info"])
    assert export(model, gaps, tmp_path / "model.onnx").exact


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_lightgbm_is_calibrated(lightgbm, classes, method) -> None:
    features, target = numbers()
    model = CalibratedClassifierCV(lightgbm.LGBMClassifier(**LIGHT), method=method, cv=2)
    check_same(model.fit(features, target % classes), features, tolerance=1e-14)


def test_lightgbm_keeps_names_without_spaces_and_the_model_those_of_the_table(lightgbm, tmp_path) -> None:
    features, target = numbers()
    spaced = features.rename(columns=lambda name: name.replace("_", " "))
    assert any(" " in name for name in spaced)
    model = lightgbm.LGBMClassifier(**LIGHT).fit(spaced, target)
    assert not any(" " in name for name in model.feature_names_in_)
    export(model, spaced[spaced.columns[::-1]], tmp_path / "model.onnx")
    graph = onnx.load(tmp_path / "model.onnx").graph
    assert [node.name for node in graph.input] == list(spaced)
    with pytest.raises(SampleError, match="the sample lacks columns that the pipeline was fitted on: 'alcohol'"):
        export(model, spaced.drop(columns="alcohol"), tmp_path / "model.onnx")


def sparse(booster: Any) -> Any:
    """A booster behind a step that makes a sparse matrix of a table."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["letter"]), remainder="passthrough")
    return make_pipeline(columns.set_params(sparse_threshold=1.0), booster)


def half_of_zeros() -> tuple[pd.DataFrame, NDArray[np.int64]]:
    random = np.random.default_rng(0)
    letters = random.choice(list("abcdefgh"), 300)
    table = {"letter": letters, "few": random.poisson(1, 300), "z": random.normal(size=300)}
    sample = pd.DataFrame(table).astype({"few": float})
    sample.loc[::9, "few"] = np.nan
    return sample, (sample["few"] > 0).to_numpy() ^ (sample["letter"] == "a").to_numpy()


def stacked(booster: Any) -> Any:
    return StackingClassifier([("one", booster), ("other", booster)], final_estimator=booster, passthrough=True, cv=2)


@pytest.mark.parametrize(
    "around",
    [lambda booster: booster, lambda booster: BaggingClassifier(booster, 3, max_features=0.7, random_state=0), stacked],
    ids=["alone", "bagging", "stacking"],
)
def test_what_a_sparse_matrix_leaves_out_is_missing_to_xgboost_and_zero_to_lightgbm(lightgbm, xgboost, around) -> None:
    sample, target = half_of_zeros()
    rows = pd.concat([sample, sample.assign(few=0.0), sample.assign(z=-0.0), sample.assign(z=1e-300)])
    for booster in (xgboost.XGBClassifier(n_estimators=5), lightgbm.LGBMClassifier(**LIGHT)):
        model = sparse(around(booster)).fit(sample, target)
        _, graph = exported(model, sample)
        expected, given = Fitted(model).answers(rows), graph.predict(rows)
        np.testing.assert_array_equal(given["label"], expected["label"])
        np.testing.assert_allclose(given["probabilities"], expected["probabilities"], atol=1e-6)


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
            assert parity.difference(answer, given[name], 1.0).max() <= tolerance_of(Fitted(model).steps)
