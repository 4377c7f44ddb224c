"""IterativeImputer."""

import numpy as np
import pandas as pd
import pytest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes the next import work
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported
from tests.tables import wine


@pytest.fixture
def table() -> pd.DataFrame:
    return wine()[["alcohol", "hue", "ash", "proline"]]


@pytest.mark.filterwarnings("ignore:.*Early stopping criterion")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"add_indicator": True, "imputation_order": "random", "random_state": 0},
        {"estimator": LinearRegression(), "max_iter": 3, "initial_strategy": "median"},
        {"estimator": DecisionTreeRegressor(max_depth=3, random_state=0), "max_iter": 2},
        {"min_value": 0.9, "max_value": [13.0, 1.1, 2.4, 900], "n_nearest_features": 2, "random_state": 0},
        {"skip_complete": True},
        {"max_iter": 0},
    ],
    ids=str,
)
def test_imputed(table, options) -> None:
    rows = pd.concat([table, table.assign(hue=np.nan, ash=np.nan), table * np.nan], ignore_index=True)
    check_transform(IterativeImputer(**options), table.fillna({"proline": 700.0}), rows, tolerance=1e-11)


@pytest.mark.filterwarnings("ignore:Skipping features")
@pytest.mark.parametrize("keep", [True, False])
def test_a_column_without_values(table, keep) -> None:
    features = table.assign(ash=np.nan)
    imputer = IterativeImputer(keep_empty_features=keep, max_iter=3, tol=10, add_indicator=True)
    check_transform(imputer, features, tolerance=1e-11)
    check_transform(imputer, features, features.assign(ash=1.0), tolerance=1e-11)


def test_rows_without_values_alone_keep_the_first_guess(table) -> None:
    pipeline = make_pipeline(IterativeImputer(max_iter=3, tol=10), Echo()).fit(table)
    check_same(pipeline, table, table.iloc[:2] * np.nan, tolerance=1e-12)
    check_same(pipeline, table, pd.concat([table.iloc[:2] * np.nan, table.iloc[:1]]), tolerance=1e-11)


def test_random_values_are_refused(table) -> None:
    pipeline = make_pipeline(IterativeImputer(sample_posterior=True, max_iter=1), Echo()).fit(table)
    with pytest.raises(ConversionError, match="it draws random values, sample_posterior=True"):
        exported(pipeline, table)
