"""What differs between the versions of scikit-learn that an export may run inside, 1.3 and later.

Each difference is told here, with the version that made it, and other modules ask these functions. Where an object
shows which way it works, it is asked; only where nothing shows, the version is.
"""

from importlib import import_module
from typing import Any, Literal

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn._loss.link import BaseLink, HalfLogitLink, LogitLink, MultinomialLogit
from sklearn.base import ClassifierMixin, ClusterMixin, OutlierMixin, RegressorMixin
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])


def since(module: str, name: str) -> tuple[type, ...]:
    """A class that the oldest version lacks; none where there is no such class."""
    try:
        return (getattr(import_module(module), name),)
    except (ImportError, AttributeError):
        return ()


HASHING = (FeatureHasher, HashingVectorizer)  # they learn nothing, and say so in their tags since 1.6
FROZEN = since("sklearn.frozen", "FrozenEstimator")  # 1.6
FIXED_THRESHOLD = since("sklearn.model_selection", "FixedThresholdClassifier")  # 1.5
TUNED_THRESHOLD = since("sklearn.model_selection", "TunedThresholdClassifierCV")  # 1.5
MIXINS = {
    "classifier": ClassifierMixin,
    "clusterer": ClusterMixin,
    "outlier_detector": OutlierMixin,
    "regressor": RegressorMixin,
}


def kind_of(estimator: Any) -> str | None:
    """`classifier`, `regressor`, `clusterer`, `outlier_detector` or `density_estimator`; None of anything else.

    Since 1.6 a tag says it, before an attribute; what has tags for later versions, too, refuses to tell them before. It
    does not where a class names BaseEstimator before what makes it one of these, as those of mlxtend do.
    """
    if VERSION >= (1, 6) and hasattr(estimator, "__sklearn_tags__"):
        kind: str | None = estimator.__sklearn_tags__().estimator_type
    else:
        kind = getattr(estimator, "_estimator_type", None)
    if kind is None and isinstance(estimator, Pipeline) and estimator.steps:
        return kind_of(estimator.steps[-1][1])
    if kind is None:
        kind = next((name for name, mixin in MIXINS.items() if isinstance(estimator, mixin)), None)
    return "density_estimator" if kind == "DensityEstimator" else kind


def check_fitted(estimator: Any) -> None:
    """As `check_is_fitted`, which only since 1.6 knows that some estimators learn nothing.

    Raises:
        NotFittedError: It has to be fitted, and is not.
        TypeError: It is no estimator.
    """
    tags: dict[str, bool] = getattr(estimator, "_get_tags", dict)() if VERSION < (1, 6) else {}
    if not tags.get("stateless", False) and not isinstance(estimator, HASHING):
        check_is_fitted(estimator)


def class_shares(tree: Any) -> NDArray[np.float64]:
    """The share of each class in each node of a classifier's tree, `[nodes, C]`; before 1.4 it keeps counts.

    The classes of several labels stand side by side.
    """
    found = [np.asarray(tree.value[:, label, :count], np.float64) for label, count in enumerate(tree.n_classes)]
    if VERSION < (1, 4):
        totals = [values.sum(axis=1)[:, np.newaxis] for values in found]
        found = [values / np.where(total == 0.0, 1.0, total) for values, total in zip(found, totals, strict=True)]
    return found[0] if len(found) == 1 else np.hstack(found)


# The losses that GradientBoosting had before 1.4, each by the link that the loss has since.
OWN_LOSSES = {
    "BinomialDeviance": LogitLink,
    "ExponentialLoss": HalfLogitLink,
    "MultinomialDeviance": MultinomialLogit,
}


def boosting_link(model: Any) -> BaseLink:
    """The link of a boosting model's loss, from probabilities to raw predictions."""
    return model._loss.link if hasattr(model._loss, "link") else OWN_LOSSES[type(model._loss).__name__]()


def most_probable(model: Any) -> bool:
    """Whether a boosting model's label is the most probable class, of raw predictions that may round to equal ones.

    GradientBoosting does so before 1.4 with some losses, HistGradientBoosting before 1.5; since then raw predictions
    are compared themselves.
    """
    if hasattr(model._loss, "link"):
        return hasattr(model, "_bin_mapper") and VERSION < (1, 5)
    return type(model._loss).__name__ != "ExponentialLoss"


def probability_edge() -> float:
    """How near to 0 and 1 a probability may be that GradientBoosting starts from: before 1.8 as near as float32 can."""
    return float(np.finfo(np.float64 if VERSION >= (1, 8) else np.float32).eps)


def encodes_categories(model: Any) -> bool:
    """Whether HistGradientBoosting numbers categories itself, as it does since 1.4; before, they have to be codes."""
    return getattr(model, "_preprocessor", None) is not None


def logistic_probabilities(model: Any) -> Literal["softmax", "symmetric", "shares"]:
    """What a LogisticRegression makes of its scores.

    `softmax` of one score for each class, of two classes with zero for the first; `symmetric`: the same, with the
    negative score for the first of two; `shares`: a logistic function of each class, made to add up to one. Before 1.8
    it can be chosen; before 1.6 `newton-cholesky` knows but two classes at a time.
    """
    if VERSION >= (1, 8):
        return "softmax"
    choice, two = getattr(model, "multi_class", "auto"), len(model.classes_) == 2
    if choice == "multinomial":
        return "symmetric" if two else "softmax"
    by_class = {"liblinear", "newton-cholesky"} if VERSION < (1, 6) else {"liblinear"}
    return "shares" if not two and (choice == "ovr" or getattr(model, "solver", "") in by_class) else "softmax"


def sums_logarithms(model: Any) -> bool:
    """Whether an AdaBoostClassifier adds up logarithms of probabilities: SAMME.R, the default before 1.6.

    Since then it does not, though imbalanced-learn's can still be fitted so.
    """
    return VERSION < (1, 6) and getattr(model, "algorithm", "SAMME") == "SAMME.R"


def has_priors(model: Any) -> bool:
    """Whether a NearestCentroid weighs classes and tells probabilities, since 1.6."""
    return hasattr(model, "class_prior_")
