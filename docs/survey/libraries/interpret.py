"""interpret's explainable boosting machines."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from interpret.privacy import DPExplainableBoostingClassifier, DPExplainableBoostingRegressor

from docs.survey import tables

FEW: dict[str, Any] = {"max_rounds": 50, "outer_bags": 2, "n_jobs": 1}
ENDS = np.array([[0.0, 2000.0]])


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers and regressors of numbers and of mixed types, with pairs of features, and private ones."""
    target = tables.numbers_many()[1]
    classifier = ExplainableBoostingClassifier(**FEW)
    yield "ExplainableBoostingClassifier", "wine", classifier, *tables.numbers_many()
    yield "ExplainableBoostingClassifier", "cancer", classifier, *tables.numbers_two()
    yield "ExplainableBoostingClassifier", "mixed", classifier, tables.mixed(), target
    for objective in ("rmse", "poisson_deviance", "gamma_deviance", "tweedie_deviance", "pseudo_huber"):
        model = ExplainableBoostingRegressor(**FEW, objective=objective)
        name = f"ExplainableBoostingRegressor, {objective}"
        yield name, "diabetes", model, *tables.numbers_regression()
        yield name, "mixed", model, tables.mixed(), tables.numbers_second_regression()[1]
    features, kind = tables.numbers_two()
    private = DPExplainableBoostingClassifier(privacy_bounds=ENDS.repeat(features.shape[1], axis=0))
    yield "DPExplainableBoostingClassifier", "cancer", private, features, kind
    features, number = tables.numbers_regression()
    bounds = ENDS.repeat(features.shape[1], axis=0) - 1000
    model = DPExplainableBoostingRegressor(privacy_bounds=bounds, privacy_target_min=0, privacy_target_max=400)
    yield "DPExplainableBoostingRegressor", "diabetes", model, features, number
