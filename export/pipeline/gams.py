"""pyGAM's models as scikit-learn's: by themselves they are none, and Pipelines since 1.7 refuse to ask them."""

from copy import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import PipelineError


class Additive(BaseEstimator):  # type: ignore[misc]
    """A model of pyGAM's.

    Attributes:
        gam_: The model.
    """

    def __init__(self, gam: Any) -> None:
        self.gam = gam
        self.gam_ = copy(gam)
        self.n_features_in_ = self.gam_.n_features_in_ = int(gam.statistics_["m_features"])

    def fit(self, X: Any, y: Any = None) -> "Additive":
        """It is fitted already."""
        return self

    def predict(self, X: Any) -> Any:
        """What it answers, `[N]`."""
        return self.gam_.predict(X)


class AdditiveRegressor(RegressorMixin, Additive):  # type: ignore[misc]
    """One that predicts numbers."""


class AdditiveClassifier(ClassifierMixin, Additive):  # type: ignore[misc]
    """A LogisticGAM: it tells False from True."""

    classes_ = np.array([False, True])

    def predict_proba(self, X: Any) -> Any:
        """The probabilities of both, `[N, 2]`; pyGAM's own are those of True."""
        second = self.gam_.predict_proba(X)
        return np.stack([1.0 - second, second], axis=1)


def with_gam(estimator: Any) -> Any:
    """The estimator; its last step as scikit-learn's if that is pyGAM's.

    Raises:
        PipelineError: It is not fitted.
    """
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    name, model = steps[-1] if steps else ("", None)
    if not type(model).__module__.startswith("pygam."):
        return estimator
    if not hasattr(model, "statistics_"):
        raise PipelineError(f"the {type(model).__name__} is not fitted yet: call fit(X, y) on the whole before")
    found = (AdditiveClassifier if hasattr(type(model), "predict_proba") else AdditiveRegressor)(model)
    if not isinstance(estimator, Pipeline):
        return found
    whole = copy(estimator)
    whole.steps = [*steps[:-1], (name, found)]
    return whole
