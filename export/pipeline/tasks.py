"""What a fitted estimator does, and which outputs the contract gives it."""

from typing import Any

from alpenglow._export.pipeline.labels import outputs_by_label
from alpenglow._export.versions import kind_of
from alpenglow._serve.signature import Task

TASKS: dict[str, Task] = {
    "classifier": "classification",
    "clusterer": "clustering",
    "density_estimator": "clustering",
    "outlier_detector": "outlier-detection",
    "regressor": "regression",
}


def task_of(estimator: Any) -> Task | None:
    """The task; None if the estimator does none that can be served."""
    return TASKS.get(kind_of(estimator) or "") if hasattr(estimator, "predict") else None


def outputs_of(estimator: Any) -> list[str]:
    """The outputs, in the contract's order: the answer first, then what it was decided on.

    Of several labels at once the outputs have their numbers for names.
    """
    task = task_of(estimator)
    if task == "regression":
        return ["prediction"]
    if task == "clustering":
        return ["label"]
    several = outputs_by_label(estimator) if task == "classification" else None
    if several:
        return several
    if task == "classification" and hasattr(estimator, "predict_proba"):
        return ["label", "probabilities"]
    return ["label", "decision"] if hasattr(estimator, "decision_function") else ["label"]
