"""Scalers, equal to the last bit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import exported
from tests.tables import cancer, diabetes, wine

SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    StandardScaler(with_mean=False, with_std=False),
    MinMaxScaler(),
    MinMaxScaler((-1.5, 0.3), clip=True),
    MaxAbsScaler(),
    MaxAbsScaler(clip=True),
    RobustScaler(),
    RobustScaler(with_centering=False),
    RobustScaler(with_scaling=False),
    RobustScaler(unit_variance=True, quantile_range=(10, 80)),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_numbers_with_gaps_a_constant_and_a_boolean(scaler) -> None:
    features = wine().drop(columns=["colour", "target"]).assign(same=3.7)
    check_transform(scaler, features, pd.concat([features, features * 3 - 7, features * 1e300], ignore_index=True))


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(with_mean=False),
        MaxAbsScaler(clip=True),
        RobustScaler(with_centering=False),
        Normalizer(),
        Normalizer("l1"),
        Normalizer("max"),
        Binarizer(),
    ],
    ids=str,
)
def test_behind_a_sparse_matrix_which_scikit_learn_multiplies_by_the_inverse(scaler) -> None:
    features = wine()[["alcohol", "hue", "colour"]].fillna({"alcohol": 0.0, "hue": -0.5})
    columns = make_column_transformer(
        (OneHotEncoder(), ["colour"]), ("passthrough", ["alcohol", "hue"]), sparse_threshold=1.0
    )
    check_transform(make_pipeline(columns, scaler), features)


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_any_number(numbers) -> None:
    _, graph = PIPELINE
    rows = pd.DataFrame({"bmi": numbers, "age": numbers[::-1]})
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], PIPELINE[0].predict(rows))


def fitted():
    sample = diabetes()[["bmi", "age"]]
    pipeline = make_pipeline(RobustScaler(), MinMaxScaler(clip=True), StandardScaler(), Echo()).fit(sample)
    return pipeline, exported(pipeline, sample)[1]


PIPELINE = fitted()


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalized_rows(norm) -> None:
    features = cancer().drop(columns="target")
    rows = pd.concat([features, features * 0, features * 0 + 1e-17, -features], ignore_index=True)
    check_transform(Normalizer(norm), features, rows, tolerance=0.0 if norm == "max" else 1e-15)


@pytest.mark.parametrize("threshold", [0.0, 25.3, -1.0])
def test_binarized_on_the_edge(threshold) -> None:
    features = diabetes()[["bmi", "age"]]
    rows = pd.DataFrame({"bmi": [threshold, np.nextafter(threshold, 99), np.nextafter(threshold, -99)], "age": 25.3})
    check_transform(Binarizer(threshold=threshold), features, rows)
