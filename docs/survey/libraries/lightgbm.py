"""LightGBM's estimators, their options, and its own boosters."""

from collections.abc import Iterator
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRanker, LGBMRegressor

from docs.survey import tables

FEW: dict[str, Any] = {"n_estimators": 10, "min_child_samples": 5, "verbose": -1}
NUMBERS = ["regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"]


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Classifiers and regressors on numbers, their objectives, kinds of boosting, and categories."""
    wine, diabetes = tables.numbers_many(), tables.numbers_regression()
    two = wine[0], wine[1] > 0
    yield "LGBMClassifier", "wine", LGBMClassifier(**FEW), *wine
    yield "LGBMRegressor", "diabetes", LGBMRegressor(**FEW), *diabetes
    yield "LGBMRanker", "wine", Ranker(), *two
    for objective in NUMBERS:
        yield f"objective {objective}", "diabetes", LGBMRegressor(objective=objective, **FEW), *diabetes
    for objective in ("cross_entropy", "cross_entropy_lambda"):
        yield f"objective {objective}", "wine", LGBMRegressor(objective=objective, **FEW), two[0], two[1] * 0.9
    yield "objective multiclassova", "wine", LGBMClassifier(objective="multiclassova", **FEW), *wine
    yield "objective binary with a sigmoid of 0.7", "wine", LGBMClassifier(sigmoid=0.7, **FEW), *two
    yield "an objective of one's own, regression", "diabetes", LGBMRegressor(objective=squares, **FEW), *diabetes
    yield "an objective of one's own, classification", "wine", LGBMClassifier(objective=squares, **FEW), *two
    yield "reg_sqrt", "diabetes", LGBMRegressor(reg_sqrt=True, **FEW), *diabetes
    kinds: dict[str, dict[str, Any]] = {"dart": {}, "goss": {}, "rf": {"subsample": 0.5, "subsample_freq": 1}}
    for kind, more in kinds.items():
        yield f"boosting_type {kind}", "wine", LGBMClassifier(boosting_type=kind, **more, **FEW), *wine
    for option in ("extra_trees", "linear_tree", "zero_as_missing"):
        chosen: dict[str, Any] = {option: True}
        yield option, "diabetes", LGBMRegressor(**chosen, **FEW), *diabetes
    yield "use_missing=False", "diabetes", LGBMRegressor(use_missing=False, **FEW), *diabetes
    yield "pred_early_stop", "wine", LGBMClassifier(pred_early_stop=True, **FEW), *wine
    few: dict[str, Any] = FEW | {"min_data_per_group": 2, "cat_smooth": 1.0}
    yield "categories of pandas", "mixed", LGBMClassifier(**few), tables.categories(), wine[1]
    coded = wine[0].assign(code=np.arange(tables.ROWS) % 7)
    yield (
        "categorical_feature",
        "wine",
        LGBMClassifier(categorical_feature=[13], **few),
        coded,
        (wine[1] + coded["code"]) % 3,
    )
    yield "lightgbm.Booster", "diabetes", Own(), *diabetes
    yield "lightgbm.Booster with categories", "mixed", Own(), tables.categories(), wine[1]


class Ranker:
    """A ranker whose rows are one query."""

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """It, fitted."""
        return LGBMRanker(**FEW).fit(X, y, group=[len(X)])


class Own:
    """LightGBM without scikit-learn."""

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """A booster."""
        return lightgbm.train({"min_data_in_leaf": 5, "verbose": -1}, lightgbm.Dataset(X, y), 10)


def squares(truth: Any, predicted: Any) -> tuple[Any, Any]:
    """Gradient and curvature of the squared error."""
    return predicted - truth, np.ones_like(predicted)
