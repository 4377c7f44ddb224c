"""CatBoost's estimators and models."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoost, CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from docs.survey import tables

FEW: dict[str, Any] = {"iterations": 10, "depth": 4, "verbose": 0, "allow_writing_files": False}
LOSSES: tuple[str, ...] = (
    "Expectile:alpha=0.3",
    "Huber:delta=1",
    "LogCosh",
    "LogLinQuantile",
    "Lq:q=1.5",
    "MAE",
    "MAPE",
    "Poisson",
)
LOSSES += ("Quantile:alpha=0.7", "RMSEWithUncertainty", "Tweedie:variance_power=1.5", "MultiQuantile:alpha=0.1,0.9")


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """All kinds, losses and shapes of trees on numbers, and categories."""
    yield "CatBoostClassifier", "wine", CatBoostClassifier(**FEW), *tables.numbers_many()
    yield "CatBoostClassifier", "cancer", CatBoostClassifier(**FEW), *tables.numbers_two()
    one_vs_all = CatBoostClassifier(**FEW, loss_function="MultiClassOneVsAll")
    yield "CatBoostClassifier, MultiClassOneVsAll", "wine", one_vs_all, *tables.numbers_many()
    scaled = make_pipeline(StandardScaler(), CatBoostClassifier(**FEW))
    yield "CatBoostClassifier behind a StandardScaler", "wine", scaled, *tables.numbers_many()
    for name in ("CrossEntropy", "Focal:focal_alpha=0.5;focal_gamma=2"):
        cancer, kind = tables.numbers_two()
        model = CatBoostClassifier(**FEW, loss_function=name)
        yield f"CatBoostClassifier, {name.split(':')[0]}", "cancer", model, cancer, (kind == "benign").astype(int)
    yield "CatBoostRegressor", "diabetes", CatBoostRegressor(**FEW), *tables.numbers_regression()
    for policy in ("Depthwise", "Lossguide"):
        model = CatBoostRegressor(**FEW, grow_policy=policy)
        yield f"CatBoostRegressor, {policy}", "diabetes", model, *tables.numbers_regression()
    for loss in LOSSES:
        model = CatBoostRegressor(**FEW, loss_function=loss)
        yield f"CatBoostRegressor, {loss.split(':')[0]}", "diabetes", model, *tables.numbers_regression()
    features, target = tables.numbers_regression()
    several = CatBoostRegressor(**FEW, loss_function="MultiRMSE")
    yield "CatBoostRegressor, MultiRMSE", "diabetes", several, features, np.c_[target, target**2]
    yield "CatBoostRanker", "diabetes", Ranker(), features, target
    yield "CatBoost", "diabetes", CatBoost(FEW), features, target
    for name, options in {
        "of few values": {"one_hot_max_size": 10},
        "and statistics of them": {"max_ctr_complexity": 1},
        "and combinations": {"max_ctr_complexity": 4},
    }.items():
        model = CatBoostClassifier(**FEW, **options, cat_features=["colour", "letter", "town"])
        yield f"CatBoostClassifier, categories {name}", "mixed", model, *with_categories()


class Ranker:
    """A ranker that finds its groups itself."""

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """It, fitted; ten rows a group."""
        return CatBoostRanker(**FEW).fit(X, np.digitize(y, [100, 200]), group_id=np.arange(len(y)) // 10)


def with_categories() -> tuple[pd.DataFrame, Any]:
    """Numbers with gaps, and texts of few and of many values."""
    random = np.random.default_rng(0)
    table = tables.mixed().drop(columns="strong")
    letters = random.choice(list("abcdefgh"), len(table))
    towns = random.choice([f"town {i}" for i in range(30)], len(table))
    return table.fillna({"colour": "none"}).assign(letter=letters, town=towns), tables.numbers_many()[1]
