"""Feature selection keeps columns and what is in them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.export.converters.echo import check_transform
from tests.tables import cancer, wine

SELECTORS = [
    VarianceThreshold(0.01),
    SelectKBest(k=3),
    SelectPercentile(percentile=40),
    SelectFpr(alpha=1e-20),
    SelectFdr(alpha=1e-20),
    SelectFwe(alpha=1e-20),
    GenericUnivariateSelect(mode="k_best", param=2),
    SelectFromModel(RandomForestClassifier(5, random_state=0), max_features=4),
    SelectFromModel(LogisticRegression(max_iter=3000)),
    RFE(RandomForestClassifier(3, random_state=0), n_features_to_select=3),
    RFECV(LogisticRegression(max_iter=5000), cv=2),
    SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=2),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("selector", SELECTORS, ids=lambda selector: type(selector).__name__)
def test_selected(selector) -> None:
    features = cancer().drop(columns="target").iloc[:, ::4]
    check_transform(make_pipeline(StandardScaler(), selector), features, target=cancer()["target"])


def test_missing_values_and_huge_numbers_stay() -> None:
    features = wine()[["alcohol", "hue"]].assign(same=1.0, huge=2.0**53 - np.arange(178) % 3)
    check_transform(VarianceThreshold(), features)


def test_behind_encoded_text() -> None:
    features = wine()[["alcohol", "colour", "hue"]].fillna({"alcohol": 13.0, "hue": 1.0})
    columns = make_column_transformer((OneHotEncoder(), ["colour"]), ("passthrough", ["alcohol", "hue"]))
    check_transform(make_pipeline(columns, SelectKBest(k=3)), features, target=wine()["target"])


class Important(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.feature_importances_ = np.array([1.0, 0.0, 2.0])
        return self


def test_text_stays_text() -> None:
    features = pd.DataFrame({"a": ["x", "y", "x"], "b": ["1", "2", "3"], "c": ["u", "u", "v"]})
    selector = SelectFromModel(Important(), threshold=0.5)
    check_transform(make_pipeline(selector, OneHotEncoder()), features, target=[1, 2, 2])
