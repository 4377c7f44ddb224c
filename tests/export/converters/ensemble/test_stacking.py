"""Estimators on estimators."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes, wine


def numbers() -> pd.DataFrame:
    return wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)


def inner() -> list:
    return [
        ("forest", RandomForestClassifier(5, max_depth=3, random_state=0)),
        ("linear", make_pipeline(StandardScaler(), LogisticRegression())),
        ("none", "drop"),
    ]


@pytest.mark.parametrize("method", ["auto", "predict", "predict_proba"])
@pytest.mark.parametrize("passthrough", [False, True])
def test_classifiers(method, passthrough) -> None:
    for features, truth in (
        (numbers(), np.array(["low", "", "high"], dtype=object)[wine()["target"]]),
        (cancer().drop(columns="target"), cancer()["target"]),
    ):
        model = StackingClassifier(inner(), DecisionTreeClassifier(max_depth=3), stack_method=method, cv=3)
        check_same(model.set_params(passthrough=passthrough).fit(features, truth), features, tolerance=1e-12)


def test_regressors() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    members = [("forest", RandomForestRegressor(5, random_state=0)), ("linear", LinearRegression())]
    check_same(StackingRegressor(members, passthrough=True, cv=3).fit(features, truth), features, tolerance=1e-12)


def columns_by_name() -> ColumnTransformer:
    text = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("text", text, ["colour"]), ("numbers", StandardScaler(), ["hue", "ash"])])


@pytest.mark.parametrize("kind", [StackingClassifier, VotingClassifier])
def test_members_that_pick_columns_by_name(kind) -> None:
    features, truth = wine()[["colour", "hue", "ash"]].fillna({"hue": 1.0, "ash": 2.0}), wine()["target"]
    members = [
        ("linear", make_pipeline(columns_by_name(), LogisticRegression())),
        ("tree", make_pipeline(columns_by_name(), DecisionTreeClassifier(max_depth=2, random_state=0))),
    ]
    check_same(kind(members).fit(features, truth), features, tolerance=1e-12)


def test_text_is_not_passed_through() -> None:
    features, truth = wine()[["colour", "hue", "ash"]].fillna({"hue": 1.0, "ash": 2.0}), wine()["target"]
    final = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    members = [("linear", make_pipeline(columns_by_name(), LogisticRegression()))]
    model = StackingClassifier(members, final, passthrough=True).fit(features.fillna("none"), truth)
    with pytest.raises(ConversionError, match="passes text through"):
        exported(model, features.fillna("none"))
