"""XGBoost's estimators, their options, and its own boosters."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from xgboost import XGBClassifier, XGBRanker, XGBRegressor, XGBRFClassifier, XGBRFRegressor

from docs.survey import tables

FEW: dict[str, Any] = {"n_estimators": 10}
NUMBERS = [
    "reg:squaredlogerror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
]
QUANTILES: dict[str, Any] = {"objective": "reg:quantileerror", "quantile_alpha": np.array([0.1, 0.5, 0.9])}


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers and regressors on numbers, their objectives, kinds of boosting, and categories."""
    wine, diabetes = tables.numbers_many(), tables.numbers_regression()
    two = wine[0], wine[1] > 0
    several = diabetes[0], np.c_[diabetes[1], diabetes[0]["bmi"]]
    yield "XGBClassifier", "wine", XGBClassifier(**FEW), *wine
    yield "XGBRegressor", "diabetes", XGBRegressor(**FEW), *diabetes
    yield "XGBRFClassifier", "wine", XGBRFClassifier(**FEW), *wine
    yield "XGBRFRegressor", "diabetes", XGBRFRegressor(**FEW), *diabetes
    yield "XGBRanker", "wine", Ranker(), *two
    for objective in NUMBERS:
        yield (
            f"objective {objective}",
            "diabetes",
            XGBRegressor(objective=objective, **FEW),
            diabetes[0],
            diabetes[1] / 9,
        )
    yield "objective reg:logistic", "wine", XGBRegressor(objective="reg:logistic", **FEW), *two
    yield "objective reg:quantileerror, several quantiles", "diabetes", XGBRegressor(**QUANTILES, **FEW), *diabetes
    for objective in ("binary:logitraw", "binary:hinge"):
        yield f"objective {objective}", "wine", XGBClassifier(objective=objective, **FEW), *two
    yield "objective multi:softmax", "wine", XGBClassifier(objective="multi:softmax", **FEW), *wine
    yield "objective survival:cox", "diabetes", Own(objective="survival:cox"), *diabetes
    yield "several targets", "diabetes", XGBRegressor(**FEW), *several
    yield (
        "multi_strategy multi_output_tree",
        "diabetes",
        XGBRegressor(multi_strategy="multi_output_tree", **FEW),
        *several,
    )
    yield "several labels", "wine", XGBClassifier(**FEW), wine[0], np.c_[wine[1] > 0, wine[1] > 1]
    yield "booster dart", "wine", XGBClassifier(booster="dart", rate_drop=0.3, **FEW), *wine
    yield "booster gblinear", "diabetes", XGBRegressor(booster="gblinear", **FEW), *diabetes
    yield "missing=-999", "wine", XGBClassifier(missing=-999, **FEW), wine[0].mask(wine[0] < 1.5, -999), wine[1]
    yield "categories of pandas", "mixed", XGBClassifier(enable_categorical=True, **FEW), tables.categories(), wine[1]
    codes: dict[str, Any] = {"feature_types": ["q"] * 13 + ["c"], "enable_categorical": True, "max_cat_to_onehot": 1}
    coded = wine[0].assign(code=np.arange(tables.ROWS) % 7)
    yield "feature_types", "wine", XGBClassifier(**codes, **FEW), coded, (wine[1] + coded["code"]) % 3
    yield "xgboost.Booster", "diabetes", Own(), *diabetes
    yield "xgboost.Booster with categories", "mixed", Own(), tables.categories(), wine[1]


class Ranker:
    """A ranker whose rows are one query."""

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """It, fitted."""
        return XGBRanker(**FEW).fit(X, y, group=[len(X)])


class Own:
    """XGBoost without scikit-learn."""

    def __init__(self, **parameters: Any) -> None:
        self.parameters = parameters

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """A booster."""
        return xgboost.train(self.parameters, xgboost.DMatrix(X, y, enable_categorical=True), 10)
