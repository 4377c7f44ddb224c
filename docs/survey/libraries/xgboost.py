"""XGBoost's estimators."""

from collections.abc import Iterator
from typing import Any

from xgboost import XGBClassifier, XGBRegressor

from docs.survey import tables


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers and regressors on numbers."""
    yield "XGBClassifier", "wine", XGBClassifier(n_estimators=10), *tables.numbers_many()
    yield "XGBRegressor", "diabetes", XGBRegressor(n_estimators=10), *tables.numbers_regression()
