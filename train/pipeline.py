"""The pipelines that can be trained without writing Python."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from alpenglow._train.dataset import SEED, DataError, Task, is_number

ESTIMATORS: dict[str, dict[Task, Callable[[], Any]]] = {
    "random-forest": {
        "classification": lambda: RandomForestClassifier(n_estimators=50, max_depth=20, random_state=SEED),
        "regression": lambda: RandomForestRegressor(n_estimators=50, max_depth=20, random_state=SEED),
    },
    "hist-gradient-boosting": {
        "classification": lambda: HistGradientBoostingClassifier(random_state=SEED),
        "regression": lambda: HistGradientBoostingRegressor(random_state=SEED),
    },
    "logistic-regression": {"classification": lambda: LogisticRegression(max_iter=1000)},
    "linear-regression": {"regression": LinearRegression},
}
# Linear models want their numbers on one scale; boosting takes no sparse matrix.
SCALED = {"logistic-regression", "linear-regression"}
DENSE = {"hist-gradient-boosting"}


def build(estimator: str, task: Task, features: pd.DataFrame) -> Pipeline:
    """An unfitted pipeline for a table: missing numbers become 0, categories are one-hot encoded.

    Args:
        estimator: A key of `ESTIMATORS`.
        task: What is predicted.
        features: The table without its target; only its columns' types are looked at.

    Raises:
        DataError: The estimator does not do the task.
    """
    if task not in ESTIMATORS[estimator]:
        able = ", ".join(name for name, tasks in ESTIMATORS.items() if task in tasks)
        raise DataError(f"{estimator} does no {task}: choose one of {able}")
    imputer = SimpleImputer(strategy="constant", fill_value=0.0)
    branches = {
        "numbers": make_pipeline(imputer, StandardScaler()) if estimator in SCALED else imputer,
        "categories": OneHotEncoder(handle_unknown="ignore"),
    }
    columns: dict[str, list[str]] = {"numbers": [], "categories": []}
    for name in features:
        columns["numbers" if is_number(features[name]) else "categories"].append(str(name))
    columns_step = ColumnTransformer(
        [(kind, branches[kind], columns[kind]) for kind in branches if columns[kind]],
        sparse_threshold=0.0 if estimator in DENSE else 0.3,
    )
    return Pipeline([("columns", columns_step), (estimator, ESTIMATORS[estimator][task]())])
