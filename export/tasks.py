"""What a fitted estimator does, and which outputs the contract gives it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor
from threadpoolctl import threadpool_limits

from alpenglow._export.silence import silenced
from alpenglow._serve.signature import Task

METHODS = {
    "label": "predict",
    "prediction": "predict",
    "probabilities": "predict_proba",
    "decision": "decision_function",
}


def task_of(estimator: Any) -> Task | None:
    """The task; None if the estimator does none that can be served."""
    if not hasattr(estimator, "predict") or not hasattr(estimator, "__sklearn_tags__"):
        return None
    if is_classifier(estimator):
        return "classification"
    if is_regressor(estimator):
        return "regression"
    if is_outlier_detector(estimator):
        return "outlier-detection"
    mixture = estimator.__sklearn_tags__().estimator_type == "density_estimator"
    return "clustering" if is_clusterer(estimator) or mixture else None


def outputs_of(estimator: Any) -> list[str]:
    """The outputs, in the contract's order: the answer first, then what it was decided on."""
    task = task_of(estimator)
    if task == "regression":
        return ["prediction"]
    if task == "clustering":
        return ["label"]
    if task == "classification" and hasattr(estimator, "predict_proba"):
        return ["label", "probabilities"]
    return ["label", "decision"] if hasattr(estimator, "decision_function") else ["label"]


def answers(estimator: Any, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """What scikit-learn answers, by output; in one thread, as neighbours at equal distance depend on their number."""
    with silenced(), threadpool_limits(1, user_api="openmp"):
        return {name: np.asarray(getattr(estimator, METHODS[name])(rows)) for name in outputs_of(estimator)}
