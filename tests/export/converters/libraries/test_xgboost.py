"""XGBoost's estimators and boosters, where it is installed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alpenglow._export.api import export
from alpenglow._export.errors import ConversionError, SampleError
from alpenglow._export.files.tables import load_table
from alpenglow._export.gate import parity
from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.bounds import tolerance_of
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.sample import fitted
from alpenglow._export.registry import series
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
from tests.export.helpers import check_same, exported

FEW: dict[str, Any] = {"n_estimators": 6, "max_depth": 4, "random_state": 0}
NUMBERS = [
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
]


@pytest.fixture
def xgboost() -> Any:
    return package("xgboost")


def check(model: Any, features: pd.DataFrame, table: pd.DataFrame | None = None) -> None:
    """Labels are the same, numbers within XGBoost's bound."""
    _, graph = exported(model, features)
    table = rows(model, features) if table is None else table
    expected, given = Fitted(model).answers(table), graph.predict(table)
    for name, answer in expected.items():
        assert given[name].shape == answer.shape
        if name == "label":
            np.testing.assert_array_equal(given[name], answer)
        else:
            assert parity.difference(answer, given[name], 1.0).max() <= tolerance_of(Fitted(model).steps)


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 1, 1]], ids=str)
@pytest.mark.parametrize("kind", ["XGBClassifier", "XGBRFClassifier"])
def test_xgboost_classifies(xgboost, labels, kind) -> None:
    features, target = numbers()
    check(getattr(xgboost, kind)(**FEW).fit(features, np.array(labels)[target]), features)


@pytest.mark.parametrize("objective", NUMBERS)
def test_xgboost_predicts(xgboost, objective) -> None:
    features, target = regression()
    model = xgboost.XGBRegressor(objective=objective, **FEW).fit(features, target / 100)
    check(model, features)
    if objective.startswith("reg:s") or objective in ("reg:pseudohubererror", "reg:absoluteerror"):
        check_same(model, features, rows(model, features))


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic"])
@pytest.mark.parametrize("base", [None, 0.2, 1e-7], ids=str)
def test_xgboost_classifies_and_predicts_two_classes(xgboost, objective, base) -> None:
    features, target = numbers()
    model = xgboost.XGBClassifier(objective=objective, base_score=base, **FEW).fit(features, target > 0)
    table = features if base == 1e-7 else rows(model, features)  # from there, nothing splits
    check(model, features, table)
    check(fitted(model.get_booster()).estimator, features, table)


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_xgboost_compares_sums_or_shares(xgboost, objective) -> None:
    features, target = numbers()
    model = xgboost.XGBClassifier(objective=objective, **FEW).fit(features, target)
    check(model, features)
    booster = model.get_booster()
    expected = booster.predict(xgboost.DMatrix(features))
    given = graph_of(booster, features).predict(features)["prediction"]
    np.testing.assert_allclose(given, expected, atol=1e-7)


def test_xgboost_on_several_labels_is_refused(xgboost, tmp_path) -> None:
    features, target = numbers()
    several = xgboost.XGBClassifier(**FEW).fit(features, np.c_[target > 0, target > 1])
    both = xgboost.XGBClassifier(objective="multi:softprob", num_class=2, **FEW).fit(features, target > 0)
    for model in (several, both):
        with pytest.raises(ConversionError, match="predicts several labels for a row, or one for each"):
            graph_of(model, features)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"multi_strategy": "multi_output_tree", "tree_method": "hist"},
        {"multi_strategy": "multi_output_tree", "tree_method": "hist", "num_parallel_tree": 2, "subsample": 0.5},
        {"booster": "gblinear"},
    ],
    ids=str,
)
def test_xgboost_predicts_several_numbers(xgboost, options) -> None:
    features, target = regression()
    model = xgboost.XGBRegressor(**FEW | options).fit(features, np.c_[target, features["bmi"] * 3])
    table = features if "booster" in options else rows(model, features)
    check_same(model, features, pd.concat([table, features.head(20).mask(features.head(20) > 1)]))


def test_xgboost_predicts_several_quantiles(xgboost) -> None:
    features, target = regression()
    quantiles = {"objective": "reg:quantileerror", "quantile_alpha": np.array([0.1, 0.5, 0.9])}
    model = xgboost.XGBRegressor(**FEW, **quantiles).fit(features, target)
    check_same(model, features, rows(model, features))


@pytest.mark.parametrize("classes", [2, 3])
def test_xgboost_weighs_trees_that_were_dropped(xgboost, classes) -> None:
    features, target = numbers()
    options = FEW | {"booster": "dart", "rate_drop": 0.5, "n_estimators": 15}
    model = xgboost.XGBClassifier(**options).fit(features, target % classes)
    check(model, features)
    model = xgboost.XGBRegressor(**options).fit(features, target)
    check_same(model, features, rows(model, features))
    check_same(fitted(model.get_booster()).estimator, features, rows(model, features))


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_xgboost_is_linear(xgboost, classes) -> None:
    features, target = numbers()
    kind = xgboost.XGBRegressor if classes == 1 else xgboost.XGBClassifier
    model = kind(booster="gblinear", n_estimators=5).fit(features, target if classes == 1 else target % classes)
    check(model, features, pd.concat([features, *(features.head(9).assign(**{name: np.nan}) for name in features)]))


def test_xgboost_survives(xgboost) -> None:
    features, target = regression()
    times = xgboost.DMatrix(features)
    times.set_float_info("label_lower_bound", target)
    times.set_float_info("label_upper_bound", np.where(target > 200, np.inf, target))
    signed = xgboost.DMatrix(features, np.where(target > 200, -target, target))
    for objective, data in {"survival:aft": times, "survival:cox": signed}.items():
        booster = xgboost.train({"objective": objective, "max_depth": 3}, data, 8)
        check(fitted(booster).estimator, features)


@pytest.mark.parametrize("objective", ["rank:ndcg", "rank:pairwise", "rank:map"])
def test_xgboost_ranks(xgboost, objective) -> None:
    features, target = numbers()
    model = xgboost.XGBRanker(objective=objective, **FEW).fit(features, target % 2, group=[89, 89])
    check_same(model, features, rows(model, features))
    assert Fitted(make_pipeline("passthrough", model)).task == "regression"


@pytest.mark.parametrize("missing", [-999, 0, 0.1, 1e300])
@pytest.mark.parametrize("booster", ["gbtree", "gblinear"])
def test_xgboost_takes_a_number_for_missing(xgboost, missing, booster) -> None:
    features, target = numbers()
    features = features.fillna(missing)
    if booster == "gblinear" and missing == 1e300:
        pytest.skip("it is infinite as float32, which XGBoost refuses there")
    model = xgboost.XGBClassifier(missing=missing, booster=booster, **FEW).fit(features, target)
    near = [missing, *(np.nextafter(missing, side) for side in (-np.inf, np.inf)), np.nextafter(np.float32(0.1), 0)]
    made = [features.head(9).assign(**{name: value}) for name in features for value in near]
    check(model, features, pd.concat([features, *made]))


@pytest.mark.parametrize("how", ["early_stopping_rounds", "callbacks"])
def test_xgboost_after_an_early_stop_behind_a_scaler(xgboost, how) -> None:
    features, target = numbers()
    stop = 2 if how == "early_stopping_rounds" else [xgboost.callback.EarlyStopping(rounds=2)]
    booster = xgboost.XGBClassifier(n_estimators=200, random_state=0, **{how: stop})
    scaler = StandardScaler().fit(features)
    booster.fit(
        scaler.transform(features)[:120], target[:120], eval_set=[(scaler.transform(features)[120:], target[120:])]
    )
    assert booster.best_iteration + 1 < booster.get_booster().num_boosted_rounds()
    check(make_pipeline(scaler, booster), features)


def test_xgboost_s_own_booster_predicts_with_all_rounds(xgboost) -> None:
    features, target = numbers()
    model = xgboost.XGBClassifier(n_estimators=200, random_state=0, early_stopping_rounds=2)
    model.fit(features[::2], target[::2], eval_set=[(features[1::2], target[1::2])])
    expected = model.get_booster().predict(xgboost.DMatrix(features))
    assert (expected != model.predict_proba(features)).any()
    given = graph_of(model.get_booster(), features).predict(features)["prediction"]
    np.testing.assert_allclose(given, expected, atol=1e-7)


def test_xgboost_of_named_constraints_is_asked_as_it_is(xgboost, tmp_path) -> None:
    features, target = regression()
    model = xgboost.XGBRegressor(monotone_constraints={"bmi": 1}, n_jobs=2, **FEW).fit(features, target)
    assert export(model, features, tmp_path / "model.onnx").exact
    assert model.n_jobs == 2


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    codes=st.lists(st.integers(2, 40), min_size=1, max_size=3),
    one_hot=st.sampled_from([1, 100]),
)
def test_any_xgboost_split_by_code_is_exact(seed: int, codes: list[int], one_hot: int) -> None:
    xgboost, random = package("xgboost"), np.random.default_rng(seed)
    features = pd.DataFrame({f"c{i}": random.integers(0, count, 200).astype(float) for i, count in enumerate(codes)})
    score = sum(random.permutation(count)[features[f"c{i}"].astype(int)] % 4 for i, count in enumerate(codes))
    features = features.mask(random.random(features.shape) < 0.1).assign(x=random.normal(size=200))
    types = ["c"] * len(codes) + ["q"]
    model = xgboost.XGBRegressor(
        **FEW, feature_types=types, enable_categorical=True, tree_method="hist", max_cat_to_onehot=one_hot
    ).fit(features, score)
    ends = [-1e-46, -0.0, -0.5, 2.9999999999, 3.5, np.nextafter(3, 0), 2.0**24, 2.0**31, 1e30, -np.inf, np.inf, np.nan]
    made = pd.DataFrame({name: random.choice([*np.arange(-2.0, 42.0), *ends], 400) for name in features})
    edges, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached >= 0.5 * total
    check_same(model, features, pd.concat([features, made, edges]))


def keeps_categories(xgboost: Any) -> bool:
    """Whether this version does; an older one takes the codes of whatever frame it gets."""
    return series(xgboost.__version__) >= (3, 1)


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kinds=st.lists(st.sampled_from(sorted(set(KINDS) - {"booleans"})), min_size=1, max_size=3),
    one_hot=st.sampled_from([1, 100]),
)
def test_any_xgboost_on_categories_of_pandas_is_exact(seed: int, kinds: list[str], one_hot: int) -> None:
    xgboost, random = package("xgboost"), np.random.default_rng(seed)
    features, score = of_categories(kinds, random)
    options = {"enable_categorical": True, "tree_method": "hist", "max_cat_to_onehot": one_hot}
    model = xgboost.XGBRegressor(**FEW, **options).fit(features, score)
    table = with_other_rows(features, random)
    for asked in (model, model.get_booster(), make_pipeline(model)):
        given = graph_of(asked, features).predict(as_requested(table))
        np.testing.assert_array_equal(given["prediction"], model.predict(table))


def test_xgboost_on_categories_is_proved(xgboost, tmp_path) -> None:
    features, score = of_categories(["text", "beyond ASCII", "whole numbers"], np.random.default_rng(0))
    model = xgboost.XGBRegressor(**FEW, enable_categorical=True, tree_method="hist").fit(features, score)
    report = export(model, features, tmp_path / "model.onnx")
    assert report.exact
    assert report.claims[0].proved
    asked = {check.what for check in report.checks}
    assert asked > {"each category", "a missing value"}
    assert ("an unknown category" in asked) != keeps_categories(xgboost)


def test_xgboost_takes_rows_of_a_file_if_it_keeps_whole_categories(xgboost, tmp_path) -> None:
    if not keeps_categories(xgboost):
        pytest.skip("this version keeps none")
    for kind, whole in {"text": True, "beyond ASCII": False}.items():
        features, score = of_categories([kind, "whole numbers"], np.random.default_rng(0))
        model = xgboost.XGBRegressor(**FEW, enable_categorical=True).fit(features, score)
        as_requested(features).to_csv(tmp_path / "rows.csv", index=False)
        read = load_table(tmp_path / "rows.csv", fitted(model))
        if whole:
            assert export(model, read, tmp_path / "model.onnx").exact
        else:
            with pytest.raises(SampleError, match="or not their whole names: give rows whose columns have the types"):
                export(model, read, tmp_path / "model.onnx")


@pytest.mark.parametrize("around", [lambda booster: booster, bagged, stacked], ids=["alone", "bagging", "stacking"])
def test_what_a_sparse_matrix_leaves_out_is_missing_to_xgboost(xgboost, around) -> None:
    check_on_sparse(around, xgboost.XGBClassifier(n_estimators=5))
