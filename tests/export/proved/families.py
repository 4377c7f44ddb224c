"""Small fitted trees, forests and boosting models of every family, on whole numbers, gaps and categories."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

CLASSES, NUMBER, SEVERAL, NOTHING = "three classes", "a number", "two numbers", "nothing"
Family = tuple[Callable[[int], Any], str, bool]  # makes one of a seed; what it learns; whether numbers may be missing

FAMILIES: dict[str, Family] = {
    "DecisionTreeClassifier": (lambda seed: DecisionTreeClassifier(random_state=seed), CLASSES, True),
    "DecisionTreeRegressor": (lambda seed: DecisionTreeRegressor(random_state=seed, max_depth=5), NUMBER, True),
    "ExtraTreeClassifier": (lambda seed: ExtraTreeClassifier(random_state=seed, max_depth=5), CLASSES, False),
    "ExtraTreeRegressor": (lambda seed: ExtraTreeRegressor(random_state=seed, max_depth=5), SEVERAL, False),
    "RandomForestClassifier": (lambda seed: RandomForestClassifier(4, random_state=seed), CLASSES, True),
    "RandomForestRegressor": (lambda seed: RandomForestRegressor(4, random_state=seed, max_depth=5), NUMBER, True),
    "ExtraTreesClassifier": (lambda seed: ExtraTreesClassifier(3, random_state=seed, max_depth=6), CLASSES, False),
    "ExtraTreesRegressor": (lambda seed: ExtraTreesRegressor(3, random_state=seed, max_depth=5), SEVERAL, False),
    "GradientBoostingClassifier": (
        lambda seed: GradientBoostingClassifier(n_estimators=4, random_state=seed),
        CLASSES,
        False,
    ),
    "GradientBoostingRegressor": (
        lambda seed: GradientBoostingRegressor(n_estimators=6, random_state=seed, init=DummyRegressor()),
        NUMBER,
        False,
    ),
    "GradientBoostingRegressor on a line": (
        lambda seed: GradientBoostingRegressor(n_estimators=6, random_state=seed, init=LinearRegression()),
        NUMBER,
        False,
    ),
    "HistGradientBoostingClassifier": (
        lambda seed: HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=5, categorical_features=[2]),
        CLASSES,
        True,
    ),
    "HistGradientBoostingRegressor": (
        lambda seed: HistGradientBoostingRegressor(max_iter=6, min_samples_leaf=5),
        NUMBER,
        True,
    ),
    "IsolationForest": (
        lambda seed: IsolationForest(n_estimators=4, max_features=3, random_state=seed),
        NOTHING,
        False,
    ),
    "AdaBoostClassifier": (
        lambda seed: AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=4, random_state=seed),
        CLASSES,
        False,
    ),
    "AdaBoostRegressor": (lambda seed: AdaBoostRegressor(n_estimators=4, random_state=seed), NUMBER, False),
    "BaggingClassifier": (
        lambda seed: BaggingClassifier(n_estimators=4, max_features=0.75, random_state=seed),
        CLASSES,
        False,
    ),
    "BaggingRegressor": (lambda seed: BaggingRegressor(n_estimators=4, random_state=seed), NUMBER, False),
    "a forest behind an imputer": (
        lambda seed: make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(4, random_state=seed)),
        CLASSES,
        True,
    ),
}


def boosters() -> dict[str, Family]:
    """Those of LightGBM and XGBoost."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from xgboost import XGBClassifier, XGBRegressor, XGBRFRegressor

    return {
        "LGBMClassifier": (
            lambda seed: LGBMClassifier(n_estimators=4, min_child_samples=5, verbose=-1, random_state=seed),
            CLASSES,
            True,
        ),
        "LGBMRegressor": (
            lambda seed: LGBMRegressor(n_estimators=4, min_child_samples=5, categorical_feature=[2], verbose=-1),
            NUMBER,
            False,
        ),
        "XGBClassifier": (lambda seed: XGBClassifier(n_estimators=4, max_depth=4), CLASSES, True),
        "XGBRegressor": (lambda seed: XGBRegressor(n_estimators=6, max_depth=4), NUMBER, True),
        "XGBRFRegressor": (lambda seed: XGBRFRegressor(n_estimators=4, max_depth=4), NUMBER, False),
    }


def fitted(family: Family, seed: int, rows: int = 200) -> tuple[Any, pd.DataFrame]:
    """One of a family, and the rows that it has learnt: numbers, whole numbers, codes, and a few that repeat."""
    make, learns, gaps = family
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "number": random.lognormal(size=rows) * 10.0 ** random.integers(-3, 4),
            "whole": random.integers(1, 12, rows).astype(float),
            "code": random.integers(0, 9, rows).astype(float),
            "round": random.uniform(1, 4, rows).round(1),
        }
    )
    score = (
        table["whole"] * (table["code"] % 3)
        + table["round"]
        + 3 * (table["number"] > table["number"].median())
        + random.normal(size=rows)
    )
    truth: dict[str, Any] = {
        CLASSES: pd.qcut(score, 3, labels=False),
        NUMBER: score,
        SEVERAL: np.stack([score, table["code"] - score], axis=1),
        NOTHING: None,
    }
    if gaps:
        table = table.mask(random.random(table.shape) < 0.1)
    return make(seed).fit(table, truth[learns]), table
