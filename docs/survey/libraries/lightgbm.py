"""LightGBM's estimators."""

from collections.abc import Iterator
from typing import Any

from lightgbm import LGBMClassifier, LGBMRegressor

from docs.survey import tables

FEW: dict[str, Any] = {"n_estimators": 10, "min_child_samples": 5, "verbose": -1}


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers and regressors on numbers."""
    yield "LGBMClassifier", "wine", LGBMClassifier(**FEW), *tables.numbers_many()
    yield "LGBMRegressor", "diabetes", LGBMRegressor(**FEW), *tables.numbers_regression()
