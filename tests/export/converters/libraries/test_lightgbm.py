"""LightGBM's estimators and boosters, where it is installed."""

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
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from alpenglow._export.api import export
from alpenglow._export.converters.libraries.lightgbm import ZERO
from alpenglow._export.errors import ConversionError, SampleError
from alpenglow._export.files.tables import load_table
from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.sample import fitted
from tests.export.converters.libraries.boosters import (
    KINDS,
    as_requested,
    bagged,
    check_on_sparse,
    graph_of,
    numbers,
    of_categories,
    package,
    regression,
    rows,
    stacked,
    with_other_rows,
)
from tests.export.helpers import check_same


@pytest.fixture
def lightgbm() -> Any:
    return package("lightgbm")


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


NUMBERS = ["regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"]
SHARES = ["cross_entropy", "cross_entropy_lambda", "binary"]


@pytest.mark.parametrize("objective", [*NUMBERS, *SHARES])
def test_lightgbm_predicts(lightgbm, objective) -> None:
    features, target = regression()
    target = target / target.max() if objective in SHARES[:2] else target > 150 if objective in SHARES else target
    model = lightgbm.LGBMRegressor(objective=objective, **LIGHT).fit(features, target)
    check_same(model, features, rows(model, features), tolerance=1e-15)
    check_same(fitted(model.booster_).estimator, features, rows(model, features), tolerance=1e-15)


@pytest.mark.parametrize(
    "options",
    [
        {"sigmoid": 0.7},
        {"objective": "multiclassova", "sigmoid": 2.0},
        {"objective": "cross_entropy"},
        {"objective": "regression", "reg_sqrt": True},
        {"boosting_type": "goss", "extra_trees": True, "max_bin": 15},
    ],
    ids=str,
)
def test_lightgbm_classifies_with_any_objective(lightgbm, options) -> None:
    features, target = numbers()
    target = target if options.get("objective") in (None, "multiclassova") else target > 0
    model = lightgbm.LGBMClassifier(**LIGHT, **options).fit(features, target)
    check_same(model, features, rows(model, features), tolerance=1e-15)
    expected = model.booster_.predict(features)
    np.testing.assert_allclose(graph_of(model.booster_, features).predict(features)["prediction"], expected, rtol=1e-14)


def squares(truth: Any, predicted: Any) -> tuple[Any, Any]:
    """The objective of somebody's own."""
    return predicted - truth, np.ones_like(predicted)


def test_lightgbm_gives_scores_of_an_objective_that_is_a_function(lightgbm, tmp_path) -> None:
    features, target = numbers()
    model = lightgbm.LGBMRegressor(objective=squares, **LIGHT).fit(features, target)
    check_same(model, features, rows(model, features), tolerance=1e-15)
    model = lightgbm.LGBMClassifier(objective=squares, **LIGHT).fit(features, target > 0)
    with pytest.raises(ConversionError, match="predicts scores instead of labels: export its booster_"):
        export(model, features, tmp_path / "model.onnx")
    given = graph_of(model.booster_, features).predict(features)
    np.testing.assert_array_equal(given["prediction"], model.predict(features))


@pytest.mark.parametrize("objective", ["lambdarank", "rank_xendcg"])
def test_lightgbm_ranks(lightgbm, objective) -> None:
    features, target = numbers()
    ranker = lightgbm.LGBMRanker(objective=objective, **LIGHT).fit(features, target, group=[89, 89])
    check_same(ranker, features, rows(ranker, features), tolerance=1e-15)
    behind = make_pipeline("passthrough", ranker)
    assert Fitted(behind).task == "regression"


def test_lightgbm_predicts_up_to_the_best_round(lightgbm) -> None:
    features, target = numbers()
    model = lightgbm.LGBMClassifier(**LIGHT | {"n_estimators": 200, "learning_rate": 0.5})
    stop = lightgbm.early_stopping(2, verbose=False)
    model.fit(features[::2], target[::2], eval_set=[(features[1::2], target[1::2])], callbacks=[stop])
    assert model.best_iteration_ < 200
    check_same(model, features, rows(model, features), tolerance=1e-15)
    check_same(fitted(model.booster_).estimator, features, tolerance=1e-15)


def test_lightgbm_that_leaves_out_trees_of_sure_rows_is_refused(lightgbm, tmp_path) -> None:
    features, target = numbers()
    model = lightgbm.LGBMClassifier(**LIGHT, pred_early_stop=True).fit(features, target)
    with pytest.raises(ConversionError, match="fit it without pred_early_stop"):
        export(model, features, tmp_path / "model.onnx")


FEW = LIGHT | {"n_estimators": 4, "min_data_per_group": 2, "cat_smooth": 1.0, "n_jobs": 1}


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    one_hot=st.sampled_from([1, 100]),
)
def test_any_lightgbm_on_categories_of_pandas_is_exact(seed: int, kinds: list[str], one_hot: int) -> None:
    lightgbm, random = package("lightgbm"), np.random.default_rng(seed)
    features, score = of_categories(kinds, random)
    model = lightgbm.LGBMRegressor(**FEW, max_cat_to_onehot=one_hot).fit(features, score)
    table = with_other_rows(features, random)
    for asked in (model, model.booster_, make_pipeline(model)):
        graph = graph_of(asked, features)
        np.testing.assert_array_equal(graph.predict(as_requested(table))["prediction"], model.predict(table))
    for name in list(features)[1:]:
        known = features[name].cat.categories
        other = "other" if isinstance(known[0], str) else 7
        if known.dtype != bool:
            unknown = features.assign(**{name: pd.Categorical([other] * len(features), categories=[*known, other])})
            given = graph.predict(as_requested(unknown))["prediction"]
            np.testing.assert_array_equal(given, model.predict(unknown))


def test_lightgbm_on_categories_is_proved_and_takes_rows_of_a_file(lightgbm, tmp_path) -> None:
    features, score = of_categories(["text", "text", "whole numbers"], np.random.default_rng(0))
    model = lightgbm.LGBMRegressor(**FEW).fit(features, score)
    report = export(model, features, tmp_path / "typed.onnx")
    assert report.exact
    assert report.claims[0].proved
    assert {check.what for check in report.checks} > {"an unknown category", "each category", "a missing value"}
    features.to_csv(tmp_path / "rows.csv", index=False)
    read = load_table(tmp_path / "rows.csv", fitted(model))
    assert export(model, read, tmp_path / "read.onnx").exact
    graphs = [onnx.load(tmp_path / name).graph for name in ("typed.onnx", "read.onnx")]
    assert graphs[0] == graphs[1]
    with pytest.raises(SampleError, match="does not keep which ones"):
        export(model, features.assign(**{"text 1": 1.0}), tmp_path / "model.onnx")


def test_lightgbm_behind_steps_that_hand_categories_on(lightgbm, tmp_path) -> None:
    features, score = of_categories(["text", "whole numbers", "beyond ASCII"], np.random.default_rng(0))
    encoder = (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["text 0"])
    columns = make_column_transformer(encoder, remainder="passthrough", verbose_feature_names_out=False)
    model = make_pipeline(columns.set_output(transform="pandas"), lightgbm.LGBMClassifier(**FEW))
    assert export(model.fit(features, score > 2), features, tmp_path / "model.onnx").exact
    voting = VotingClassifier([("one", lightgbm.LGBMClassifier(**FEW))], voting="soft").fit(features, score > 2)
    assert export(voting, features, tmp_path / "model.onnx").exact


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


@pytest.mark.parametrize("around", [lambda booster: booster, bagged, stacked], ids=["alone", "bagging", "stacking"])
def test_what_a_sparse_matrix_leaves_out_is_zero_to_lightgbm(lightgbm, around) -> None:
    check_on_sparse(around, lightgbm.LGBMClassifier(**LIGHT))
