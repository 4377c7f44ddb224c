"""What LightGBM and XGBoost write of a model: its trees, without any step that was before them."""

import json
import re
from importlib import import_module
from typing import Any

LIGHTGBM = re.compile(rb"tree\r?\nversion=")
XGBOOST = re.compile(rb"(?s)\{.{0,40}\"?learner")  # as JSON or UBJSON


def is_booster(content: bytes) -> bool:
    """Whether it is such a file."""
    return bool(LIGHTGBM.match(content) or XGBOOST.match(content))


def load_booster(content: bytes) -> Any:
    """The booster in it; the estimator, if XGBoost has noted that it was one."""
    if LIGHTGBM.match(content):
        lightgbm: Any = import_module("lightgbm")
        return lightgbm.Booster(model_str=content.decode())
    xgboost: Any = import_module("xgboost")
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    kind = ESTIMATORS.get(json.loads(booster.attr("scikit_learn") or "{}").get("_estimator_type"))
    if kind is None:
        return booster
    estimator = getattr(xgboost, kind)()
    estimator.load_model(bytearray(content))
    return estimator


ESTIMATORS = {"classifier": "XGBClassifier", "ranker": "XGBRanker", "regressor": "XGBRegressor"}
