"""How well a pipeline does on rows that it has not seen."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

from alpenglow._train.dataset import Task


def score(task: Task, truth: "pd.Series[Any]", predictions: Any) -> dict[str, float]:
    """The usual scores, by name; `truth` and `predictions` are `[N]`."""
    if task == "classification":
        return {
            "accuracy": float(metrics.accuracy_score(truth, predictions)),
            "balanced_accuracy": float(metrics.balanced_accuracy_score(truth, predictions)),
            "f1_macro": float(metrics.f1_score(truth, predictions, average="macro", zero_division=0.0)),
        }
    return {
        "r2": float(metrics.r2_score(truth, predictions)),
        "mean_absolute_error": float(metrics.mean_absolute_error(truth, predictions)),
        "root_mean_squared_error": float(metrics.root_mean_squared_error(truth, predictions)),
    }


def report(task: Task, truth: "pd.Series[Any]", predictions: Any) -> str:
    """The scores for people to read."""
    if task == "classification":
        return str(metrics.classification_report(truth, predictions, digits=4, zero_division=0.0))
    scores = score(task, truth, predictions) | {"typical value (median)": float(np.median(truth))}
    width = max(map(len, scores))
    return "\n".join(f"{name.replace('_', ' '):>{width}}  {value:.6g}" for name, value in scores.items())
