"""What a fitted estimator does, and which outputs the contract gives it."""

from typing import Any

from sklearn.pipeline import Pipeline

from alpenglow._export.pipeline.labels import outputs_by_label
from alpenglow._export.versions import kind_of
from alpenglow._serve.signature import Task

TASKS: dict[str, Task] = {
    "classifier": "classification",
    "clusterer": "clustering",
    "density_estimator": "clustering",
    "outlier_detector": "outlier-detection",
    "ranker": "regression",
    "regressor": "regression",
}
SCORES = {"CatBoost"}  # classes whose `predict` gives raw scores, whatever they were trained for


def task_of(estimator: Any) -> Task | None:
    """The task; None if the estimator does none that can be served."""
    if type(estimator).__name__ in SCORES:
        return "regression"
    if not hasattr(estimator, "predict"):
        return None
    return TASKS.get(kind_of(estimator) or ("ranker" if ranks(estimator) else ""))


def ranks(estimator: Any) -> bool:
    """Whether it gives rows a score to order them by; scikit-learn has no name for that, and LightGBM tells none."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    return any(kind.__name__.endswith("Ranker") for kind in type(last).__mro__)


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
    if task == "classification" and answers_to(estimator, "predict_proba"):
        return ["label", "probabilities"]
    return ["label", "decision"] if answers_to(estimator, "decision_function") else ["label"]


def answers_to(estimator: Any, method: str) -> bool:
    """Whether it has a method that works: mlxtend's have all of them, whatever those have that they ask in turn."""
    if not hasattr(estimator, method):
        return False
    if isinstance(estimator, Pipeline):
        return answers_to(estimator.steps[-1][1], method)
    asked = [estimator.meta_clf_] if hasattr(estimator, "meta_clf_") else getattr(estimator, "clfs_", [])
    return all(answers_to(part, method) for part in asked)
