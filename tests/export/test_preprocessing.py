"""Imputers and encoders do what scikit-learn's do, for values that they have and have not seen."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine


def fitted(*transformers, table: pd.DataFrame, target: str = "proline"):
    """The transformers in front of a linear regression, which shows every column that they make."""
    features = table.drop(columns=target)
    return make_pipeline(make_column_transformer(*transformers), LinearRegression()).fit(
        features, table[target]
    ), features


@pytest.fixture
def table() -> pd.DataFrame:
    """Wine with a known target and a column of few whole numbers."""
    return wine().fillna({"proline": 700.0}).assign(vintage=lambda t: (t["alcohol"].fillna(13) * 2).round() + 2000)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_imputed_numbers_are_float64(table, strategy) -> None:
    pipeline, features = fitted((SimpleImputer(strategy=strategy), ["alcohol", "hue"]), table=table)
    check_same(pipeline, features, tolerance=1e-14)


def test_an_integer_beyond_float32_survives_the_imputer() -> None:
    features = pd.DataFrame({"id": [2.0**24, 2.0**24 + 1, 2.0**53 - 1, np.nan]})
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LinearRegression()).fit(features, [1.0, 2.0, 3.0, 4.0])
    check_same(pipeline, features, tolerance=1e-12)


@pytest.mark.parametrize("strategy", ["most_frequent", "constant"])
def test_imputed_text(table, strategy) -> None:
    imputer = SimpleImputer(strategy=strategy, fill_value="none", missing_values=np.nan)
    pipeline, features = fitted((make_pipeline(imputer, OneHotEncoder()), ["colour"]), table=table)
    check_same(pipeline, features, tolerance=1e-14)


def test_another_mark_for_missing(table) -> None:
    features = table[["hue"]].fillna(-1.0)
    pipeline = make_pipeline(SimpleImputer(missing_values=-1.0), LinearRegression()).fit(features, table["proline"])
    check_same(pipeline, features, tolerance=1e-14)


@pytest.mark.parametrize(
    "options",
    [
        {"handle_unknown": "ignore"},
        {"handle_unknown": "ignore", "drop": "first"},
        {"handle_unknown": "ignore", "drop": "if_binary"},
        {"handle_unknown": "ignore", "sparse_output": False},
        {"handle_unknown": "infrequent_if_exist", "min_frequency": 20},
        {"handle_unknown": "infrequent_if_exist", "max_categories": 2},
        {"handle_unknown": "error"},
    ],
    ids=str,
)
def test_encoded_text_known_missing_and_unknown(table, options) -> None:
    table["colour"] = np.where(table["alcohol"] > 14, "pink", table["colour"])
    pipeline, features = fitted((OneHotEncoder(**options), ["colour"]), table=table)
    rows = features if options["handle_unknown"] == "error" else features.assign(colour="nan")
    check_same(pipeline, features, tolerance=1e-12)
    check_same(pipeline, features, rows, tolerance=1e-12)


def test_encoded_numbers_are_not_cut_to_integers(table) -> None:
    pipeline, features = fitted((OneHotEncoder(handle_unknown="ignore"), ["vintage", "strong"]), table=table)
    check_same(pipeline, features, tolerance=1e-12)
    check_same(pipeline, features, features.assign(vintage=features["vintage"] + 0.5), tolerance=1e-12)


def test_encoded_numbers_with_gaps(table) -> None:
    table.loc[::7, "vintage"] = np.nan
    pipeline, features = fitted((OneHotEncoder(handle_unknown="ignore"), ["vintage", "colour"]), table=table)
    check_same(pipeline, features, tolerance=1e-12)


def test_numbers_and_text_beside_columns_that_are_passed_or_dropped(table) -> None:
    transformer = ColumnTransformer(
        [
            ("text", OneHotEncoder(), ["colour"]),
            ("same", "passthrough", ["proline", "strong"]),
            ("not", "drop", ["hue"]),
        ]
    )
    pipeline = make_pipeline(transformer, RandomForestRegressor(3, random_state=0)).fit(table, table["proline"])
    check_same(pipeline, table)
    _, graph = exported(pipeline, table)
    assert {column.name for column in graph.columns} == {"colour", "proline", "strong"}


def test_a_pipeline_that_scales_everything() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    check_same(make_pipeline(StandardScaler(), LinearRegression()).fit(features, truth), features, tolerance=1e-12)


def test_fitted_on_an_array() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["sex"]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features.to_numpy(), truth)
    check_same(model, features.set_axis([f"x{i}" for i in range(10)], axis=1), tolerance=1e-12)


@pytest.mark.filterwarnings("ignore:Skipping features")
def test_a_column_without_values_is_dropped_as_scikit_learn_drops_it() -> None:
    features = diabetes()[["bmi", "age", "bp"]].assign(age=np.nan)
    pipeline = make_pipeline(SimpleImputer(), LinearRegression()).fit(features, diabetes()["target"])
    check_same(pipeline, features, features.assign(age=1.0), tolerance=1e-14)


def test_what_is_not_supported_is_refused_by_name() -> None:
    features = diabetes()[["bmi", "age"]].replace(20.0, np.nan)
    pipeline = make_pipeline(SimpleImputer(add_indicator=True), LinearRegression()).fit(features, diabetes()["target"])
    with pytest.raises(ConversionError) as caught:
        exported(pipeline, features)
    reason = "step 'simpleimputer' (SimpleImputer) cannot be exported: add_indicator=True is not supported"
    assert str(caught.value) == reason
