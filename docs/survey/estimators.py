"""Every estimator of scikit-learn that predicts, with sensible arguments where some are required or slow."""

from collections.abc import Iterator
from typing import Any

from sklearn.base import OutlierMixin
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor, StackingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import all_estimators

LINEAR = LogisticRegression(max_iter=3000)
CLASSIFIERS = [("linear", LINEAR), ("tree", DecisionTreeClassifier(max_depth=4, random_state=0))]
REGRESSORS = [("linear", Ridge()), ("tree", DecisionTreeRegressor(max_depth=4, random_state=0))]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "BayesianGaussianMixture": {"n_components": 3},
    "BisectingKMeans": {"n_clusters": 3},
    "ClassifierChain": {"estimator": LINEAR},
    "EllipticEnvelope": {"support_fraction": 1.0},
    "FixedThresholdClassifier": {"estimator": LINEAR, "threshold": 0.3},
    "GaussianMixture": {"n_components": 3},
    "GaussianProcessRegressor": {"alpha": 0.1},
    "GridSearchCV": {"estimator": RandomForestClassifier(5, random_state=0), "param_grid": {"max_depth": [2, 4]}},
    "KMeans": {"n_clusters": 3},
    "LocalOutlierFactor": {"novelty": True},
    "LogisticRegression": {"max_iter": 3000},
    "LogisticRegressionCV": {"max_iter": 3000, "l1_ratios": (0.0,), "use_legacy_attributes": False},
    "MLPClassifier": {"max_iter": 50},
    "MLPRegressor": {"max_iter": 50},
    "MiniBatchKMeans": {"n_clusters": 3},
    "MultiOutputClassifier": {"estimator": LINEAR},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "NuSVC": {"nu": 0.1},
    "OneVsOneClassifier": {"estimator": LINEAR},
    "OneVsRestClassifier": {"estimator": LINEAR},
    "OutputCodeClassifier": {"estimator": LINEAR},
    "QuadraticDiscriminantAnalysis": {"reg_param": 0.1},
    "RFE": {"estimator": LINEAR, "n_features_to_select": 5},
    "RFECV": {"estimator": LINEAR, "cv": 2},
    "RadiusNeighborsClassifier": {"radius": 1e6, "outlier_label": "most_frequent", "algorithm": "kd_tree"},
    "RadiusNeighborsRegressor": {"radius": 1e6},
    "RandomizedSearchCV": {
        "estimator": RandomForestRegressor(5, random_state=0),
        "param_distributions": {"max_depth": [2, 4]},
        "n_iter": 2,
    },
    "RegressorChain": {"estimator": Ridge()},
    "SelfTrainingClassifier": {"estimator": LINEAR},
    "StackingClassifier": {"estimators": CLASSIFIERS},
    "StackingRegressor": {"estimators": REGRESSORS},
    "TunedThresholdClassifierCV": {"estimator": LINEAR, "cv": 2},
    "VotingClassifier": {"estimators": [*CLASSIFIERS, ("neighbours", KNeighborsClassifier())]},
    "VotingRegressor": {"estimators": REGRESSORS},
}
TWO_CLASSES = {"FixedThresholdClassifier", "TunedThresholdClassifierCV"}
SEVERAL_TARGETS = {
    "CCA",
    "ClassifierChain",
    "MultiOutputClassifier",
    "MultiOutputRegressor",
    "MultiTaskElasticNet",
    "MultiTaskElasticNetCV",
    "MultiTaskLasso",
    "MultiTaskLassoCV",
    "PLSCanonical",
    "RegressorChain",
}
INDICATORS_ALONE = {
    "ClassifierChain",
    "ClassifierChain of probabilities",
    "MLPClassifier",
    "OneVsRestClassifier",
    "RidgeClassifier",
    "RidgeClassifierCV",
    "StackingClassifier",
}
ONE_COLUMN = {"IsotonicRegression"}
CATEGORIES = {"CategoricalNB"}
NOT_NEGATIVE = {"ComplementNB", "MultinomialNB"}


def classifiers() -> Iterator[tuple[str, Any]]:
    """All classifiers, and the searches and eliminations that wrap one."""
    yield from made("classifier")
    yield from (one for one in made(None) if one[0] in ("GridSearchCV", "RFE", "RFECV"))


def of_several_labels() -> Iterator[tuple[str, Any]]:
    """All classifiers that say that they predict several labels at once, and what follows such ones."""
    for name, estimator in classifiers():
        tags = estimator.__sklearn_tags__()
        if tags.target_tags.multi_output or (tags.classifier_tags and tags.classifier_tags.multi_label):
            yield name, estimator
    trees = RandomForestClassifier(5, random_state=0)
    yield "ClassifierChain of probabilities", ClassifierChain(LINEAR, order=[2, 0, 1], chain_method="predict_proba")
    yield "MultiOutputClassifier of forests", MultiOutputClassifier(trees)
    stack = [("forest", trees), ("rest", OneVsRestClassifier(LINEAR))]
    yield "StackingClassifier", StackingClassifier(stack, KNeighborsClassifier(), cv=2)


def regressors() -> Iterator[tuple[str, Any]]:
    """All regressors, and a search over one."""
    yield from made("regressor")
    yield from (one for one in made(None) if one[0] == "RandomizedSearchCV")


def others() -> Iterator[tuple[str, Any]]:
    """All clusterers, mixtures and outlier detectors that predict rows that they have not seen."""
    yield from (one for one in made("cluster") if hasattr(one[1], "predict"))
    mixtures = (BayesianGaussianMixture, GaussianMixture)
    yield from (one for one in made(None) if isinstance(one[1], (OutlierMixin, *mixtures)))


def made(kind: str | None) -> Iterator[tuple[str, Any]]:
    """Unfitted estimators with their names, in order, as random as 0."""
    for name, estimator in all_estimators(kind):
        try:
            found = estimator(**ARGUMENTS.get(name, {}))
        except TypeError:  # it needs arguments and is none of those that predict
            continue
        if "random_state" in found.get_params():
            found.set_params(random_state=0)
        yield name, found
