"""Imputers and indicators put the same values in the same places, in numbers and in text."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tests.export.converters.echo import check_transform
from tests.export.helpers import check_same
from tests.tables import diabetes, wine


@pytest.fixture
def table() -> pd.DataFrame:
    return wine().drop(columns="target")


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_numbers(table, strategy) -> None:
    check_transform(SimpleImputer(strategy=strategy), table[["alcohol", "hue"]])


def test_an_integer_beyond_float32() -> None:
    features = pd.DataFrame({"id": [2.0**24, 2.0**24 + 1, 2.0**53 - 1, np.nan]})
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LinearRegression()).fit(features, [1.0, 2.0, 3.0, 4.0])
    check_same(pipeline, features, tolerance=1e-12)
    check_transform(SimpleImputer(strategy="median"), features)


@pytest.mark.parametrize("indicator", [True, False])
@pytest.mark.parametrize("strategy", ["most_frequent", "constant"])
def test_text(table, strategy, indicator) -> None:
    imputer = SimpleImputer(strategy=strategy, fill_value="none", missing_values=np.nan, add_indicator=indicator)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    check_transform(make_pipeline(imputer, encoder), table[["colour"]])


def test_text_beside_numbers_in_one_imputer(table) -> None:
    imputer = SimpleImputer(strategy="most_frequent", add_indicator=True)
    check_transform(make_pipeline(imputer, OneHotEncoder(handle_unknown="ignore")), table[["hue", "colour", "alcohol"]])


def test_a_text_that_marks_what_is_missing(table) -> None:
    features = table[["colour"]].fillna("?")
    imputer = SimpleImputer(strategy="most_frequent", missing_values="?")
    check_transform(make_pipeline(imputer, OneHotEncoder()), features)


def test_a_number_that_marks_what_is_missing(table) -> None:
    features = table[["hue", "alcohol"]].fillna(-1.0)
    check_transform(SimpleImputer(missing_values=-1.0, add_indicator=True), features)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_indicators(table, strategy) -> None:
    features = table[["alcohol", "strong", "hue"]].assign(strong=1.0, whole=2.0)
    rows = features.mask(np.random.default_rng(0).random(features.shape) < 0.4)
    check_transform(SimpleImputer(strategy=strategy, add_indicator=True), features, rows)


@pytest.mark.filterwarnings("ignore:Skipping features")
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_a_column_without_values(strategy, keep) -> None:
    features = diabetes()[["bmi", "age", "bp"]].assign(age=np.nan)
    imputer = SimpleImputer(strategy=strategy, keep_empty_features=keep, add_indicator=True)
    check_transform(imputer, features)
    check_transform(imputer, features, features.assign(age=1.0))


def test_behind_a_sparse_matrix(table) -> None:
    columns = make_column_transformer(
        (OneHotEncoder(), ["colour"]), ("passthrough", ["alcohol", "hue"]), sparse_threshold=1.0
    )
    check_transform(make_pipeline(columns, SimpleImputer(add_indicator=True)), table[["alcohol", "hue", "colour"]])


@pytest.mark.parametrize("options", [{}, {"features": "all"}, {"error_on_new": False}, {"sparse": True}], ids=str)
def test_missing_indicator(table, options) -> None:
    features = table[["alcohol", "hue", "colour"]].fillna({"hue": 1.0})
    check_transform(MissingIndicator(**options), features)
    check_transform(make_union(SimpleImputer(), MissingIndicator(**options)), features[["alcohol", "hue"]])
    rows = features.assign(hue=np.nan)
    if options.get("features") == "all" or "error_on_new" in options:
        check_transform(MissingIndicator(**options), features, rows)


@pytest.mark.parametrize(
    ("gap", "options"),
    [
        (None, {"missing_values": None}),
        (None, {}),
        (np.nan, {}),
        (None, {"fill_value": "?"}),
        (np.nan, {"fill_value": "?"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("encoder", [OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()], ids=str)
def test_none_in_text_is_a_gap_to_those_alone_that_look_for_it(gap, options, encoder) -> None:
    values = np.random.default_rng(0).choice(np.array(["a", "b", "b", gap], dtype=object), 60)
    table = pd.DataFrame({"text": pd.Series(values, dtype=object)})
    strategy = "constant" if "fill_value" in options else "most_frequent"
    check_transform(make_pipeline(SimpleImputer(strategy=strategy, **options), encoder), table)
