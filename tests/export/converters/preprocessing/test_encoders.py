"""Encoders do what scikit-learn's do, for values that they have and have not seen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported
from tests.tables import wine

ROWS = 178
INFREQUENT = {"handle_unknown": "infrequent_if_exist"}


@pytest.fixture
def table() -> pd.DataFrame:
    """Text, whole numbers, fractions and booleans, with gaps; some values are rare."""
    wines = wine()
    vintage = (wines["alcohol"].fillna(13) * 2).round() + 2000
    colour = np.where(wines["alcohol"] > 14, "", wines["colour"].astype(object))
    return pd.DataFrame(
        {
            "colour": colour,
            "vintage": vintage.mask(np.arange(ROWS) % 7 == 0),
            "share": np.round(wines["hue"] * 4) / 4,
            "strong": wines["strong"],
            "number": vintage.astype(int),
        }
    )


@pytest.fixture
def strange(table) -> pd.DataFrame:
    """Values that no encoder was fitted on."""
    return table.assign(
        colour=np.resize(["nan", "None", "Red", "red", "", None], ROWS),
        vintage=table["vintage"] + np.resize([0.5, 0.0, -0.0, 1e300, np.nan], ROWS),
        share=np.resize([0.0, -0.0, 0.25, np.nan, 0.75000001], ROWS),
        number=table["number"] + np.resize([0, 50], ROWS),
    )


@pytest.mark.parametrize(
    "options",
    [
        {"handle_unknown": "ignore"},
        {"handle_unknown": "ignore", "drop": "first"},
        {"handle_unknown": "ignore", "drop": "if_binary"},
        {"handle_unknown": "ignore", "drop": ["red", 2026.0, 1.0, True, 2027]},
        {"handle_unknown": "ignore", "sparse_output": False, "dtype": np.float32},
        {"handle_unknown": "ignore", "min_frequency": 20},
        {"handle_unknown": "warn", "min_frequency": 0.2},
        {**INFREQUENT, "min_frequency": 20},
        {**INFREQUENT, "min_frequency": 0.15, "drop": "first"},
        {**INFREQUENT, "max_categories": 2},
        {**INFREQUENT, "max_categories": 1},
        INFREQUENT,
        {"handle_unknown": "error"},
    ],
    ids=str,
)
def test_one_hot(table, strange, options) -> None:
    rows = table if options["handle_unknown"] == "error" else strange
    check_transform(OneHotEncoder(**options), table)
    check_transform(OneHotEncoder(**options), table, rows)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"encoded_missing_value": -7},
        {"handle_unknown": "use_encoded_value", "unknown_value": -1},
        {"handle_unknown": "use_encoded_value", "unknown_value": np.nan, "encoded_missing_value": -5},
        {"handle_unknown": "use_encoded_value", "unknown_value": 99, "min_frequency": 20},
        {"handle_unknown": "use_encoded_value", "unknown_value": 99, "max_categories": 3, "encoded_missing_value": -2},
        {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2, "dtype": np.int32},
    ],
    ids=str,
)
def test_ordinal(table, strange, options) -> None:
    check_transform(OrdinalEncoder(**options), table)
    if options.get("handle_unknown"):
        check_transform(OrdinalEncoder(**options), table, strange)


def test_categories_in_a_given_order(table) -> None:
    encoder = OrdinalEncoder(
        categories=[["red", "", "brown", "green"]], handle_unknown="use_encoded_value", unknown_value=-1
    )
    features = table[["colour"]]
    check_transform(encoder, features, pd.DataFrame({"colour": ["green", "brown", "blue", "", "red"]}))


@pytest.mark.parametrize("target", ["target", "alcohol", "strong"])
@pytest.mark.parametrize("smooth", ["auto", 3.0])
def test_target(table, strange, smooth, target) -> None:
    encoder = TargetEncoder(smooth=smooth, cv=3)
    truth = wine()[target].fillna(13.0)
    check_transform(encoder, table, target=truth)
    check_transform(encoder, table, strange, target=truth)


@pytest.mark.parametrize("encoder", [OneHotEncoder(handle_unknown="ignore"), TargetEncoder()], ids=str)
def test_none_in_an_object_column_is_its_own_category(table, encoder) -> None:
    features = pd.DataFrame({"colour": pd.Series(np.resize(["red", None, "blue"], ROWS), dtype=object)})
    check_transform(encoder, features, target=wine()["target"] == 1)


@pytest.mark.parametrize("labels", [[0, 0, 0, 2, 0, 1], [1, 0, 2, 2, 0, 0]])
def test_a_tree_that_sends_missing_codes_its_way(labels) -> None:
    features = pd.DataFrame({"colour": ["a", None, "b", "c", None, "d"] * 20})
    check_same(make_pipeline(OrdinalEncoder(), DecisionTreeClassifier()).fit(features, labels * 20), features)


def test_fitted_on_an_array(table) -> None:
    numbers = table[["vintage", "share"]]
    encoder = OneHotEncoder(handle_unknown="ignore").fit(numbers.to_numpy())
    pipeline = make_pipeline(encoder, Echo())
    pipeline[1].fit(encoder.transform(numbers.to_numpy()))
    check_same(pipeline, numbers)


@given(st.lists(st.one_of(st.text(max_size=4), st.sampled_from(["red", "Red", "rot "])), min_size=1, max_size=10))
@settings(max_examples=50, deadline=None)
def test_any_text(texts) -> None:
    rows = pd.DataFrame({"colour": pd.Series(texts, dtype=object)})
    pipeline, graph = COLOURS
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], pipeline.predict(rows))


def colours():
    sample = pd.DataFrame({"colour": ["red", "rot ", "", "été", "0", "\x00", "red\n"]})
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), Echo()).fit(sample)
    return pipeline, exported(pipeline, sample)[1]


COLOURS = colours()


def test_integers_that_float64_cannot_tell_apart() -> None:
    features = pd.DataFrame({"id": [2**53, 2**53 + 1, 5]})
    pipeline = make_pipeline(OneHotEncoder(), LinearRegression()).fit(features, [1.0, 2.0, 3.0])
    with pytest.raises(ConversionError, match="it tells integers apart that float64 cannot, such as 9007199254740993"):
        exported(pipeline, features)
