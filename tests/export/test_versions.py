"""What differs between versions of scikit-learn: this holds in each of them, so it can be run in any environment."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export import versions
from tests.export.helpers import check_same
from tests.tables import wine

TABLE = wine()
X = TABLE[["alcohol", "ash", "hue", "proline"]].fillna(0.0)
THREE = TABLE["target"].to_numpy()
TWO = np.where(THREE == 1, "yes", "no")
FOLDER = Path(versions.__file__).parent


def test_a_class_that_a_version_lacks_is_none_of_them() -> None:
    assert versions.since("sklearn.linear_model", "Ridge") == (Ridge,)
    assert versions.since("sklearn.linear_model", "Ridgeback") == ()
    assert versions.since("sklearn.unheard_of", "Ridge") == ()


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (LogisticRegression(), "classifier"),
        (Ridge(), "regressor"),
        (KMeans(), "clusterer"),
        (IsolationForest(), "outlier_detector"),
        (GaussianMixture(), "density_estimator"),
        (make_pipeline(StandardScaler(), Ridge()), "regressor"),
        (GridSearchCV(LogisticRegression(), {}), "classifier"),
        (object(), None),
    ],
)
def test_the_kind_of_an_estimator(estimator, kind) -> None:
    assert versions.kind_of(estimator) == kind


@pytest.mark.parametrize("stateless", [FunctionTransformer(), HashingVectorizer(), Normalizer()])
def test_what_learns_nothing_needs_no_fit(stateless) -> None:
    versions.check_fitted(stateless)


def test_what_learns_must_be_fitted() -> None:
    with pytest.raises(NotFittedError):
        versions.check_fitted(Ridge())
    with pytest.raises(TypeError):
        versions.check_fitted("passthrough")
    versions.check_fitted(Ridge().fit(X, THREE))


@pytest.mark.parametrize("weight", [1.0, 1 / len(X), 1000.0])
def test_shares_are_the_leaves_probabilities_to_the_last_bit(weight) -> None:
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, THREE, np.full(len(X), weight))
    shares = versions.class_shares(tree.tree_)[tree.apply(X)]
    np.testing.assert_array_equal(shares, tree.predict_proba(X))


def logistic_choices():
    """All ways to fit a LogisticRegression that this version has."""
    known = inspect.signature(LogisticRegression).parameters
    choices = [{"multi_class": choice} for choice in ("auto", "ovr", "multinomial")] if "multi_class" in known else [{}]
    for target in (TWO, THREE):
        for choice in choices:
            yield target, {"solver": "lbfgs", **choice}
            yield target, {"solver": "newton-cholesky"}
    yield TWO, {"solver": "liblinear"}
    if versions.VERSION < (1, 8):
        yield THREE, {"solver": "liblinear"}


@pytest.mark.parametrize(("target", "options"), list(logistic_choices()))
@pytest.mark.filterwarnings("ignore")
def test_a_logistic_regression_s_probabilities(target, options) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression(**options))
    try:
        model.fit(X, target)
    except ValueError:
        pytest.skip("this version does not fit it")
    check_same(model, X, tolerance=1e-12)


@pytest.mark.parametrize("init", [None, "zero", LogisticRegression(solver="liblinear"), DecisionTreeClassifier()])
@pytest.mark.parametrize("loss", ["log_loss", "exponential"])
def test_gradient_boosting_of_two_classes(loss, init) -> None:
    model = GradientBoostingClassifier(loss=loss, init=init, n_estimators=5, random_state=0)
    check_same(model.fit(X, TWO), X, tolerance=1e-12)


@pytest.mark.parametrize("init", [None, "zero", DecisionTreeClassifier(max_depth=2)])
def test_gradient_boosting_of_several_classes(init) -> None:
    check_same(GradientBoostingClassifier(init=init, n_estimators=5).fit(X, THREE), X, tolerance=1e-12)


def test_of_two_equal_classes_each_version_has_its_own_first() -> None:
    same = pd.DataFrame({"x": np.zeros(10)})
    for model in (GradientBoostingClassifier(n_estimators=2), HistGradientBoostingClassifier(max_iter=2)):
        check_same(model.fit(same, [0, 1] * 5), same, tolerance=1e-12)


@pytest.mark.parametrize("unknown", [0.0, 0.5, -0.0, -0.5, -1.0, 3.0, 7.0, 200.0, np.nan])
def test_histogram_gradient_boosting_on_codes(unknown) -> None:
    random = np.random.default_rng(0)
    codes = random.choice([0, 1, 2, 4, 5, 8], len(X)).astype(float)
    codes[random.random(len(X)) < 0.2] = np.nan
    table = X.assign(code=codes)
    labels = np.isin(codes, [1, 4]) | (X["hue"] > 1.2)
    model = HistGradientBoostingClassifier(categorical_features=[4], max_iter=10, min_samples_leaf=3)
    check_same(model.fit(table, labels), table, table.assign(code=unknown), tolerance=1e-12)


@pytest.mark.parametrize("target", [TWO, THREE])
@pytest.mark.parametrize("estimator", [None, DecisionTreeClassifier(max_depth=2), LogisticRegression(max_iter=500)])
@pytest.mark.filterwarnings("ignore")
def test_boosted_classifiers(target, estimator) -> None:
    model = AdaBoostClassifier(estimator, n_estimators=5, random_state=0)
    check_same(model.fit(X, target), X, tolerance=1e-12)


def test_bagged_trees_of_few_rows_that_lack_a_class() -> None:
    model = BaggingClassifier(n_estimators=20, max_samples=4, random_state=0)
    check_same(model.fit(X, THREE), X)


def test_nearest_centroids() -> None:
    for metric in ("euclidean", "manhattan"):
        check_same(NearestCentroid(metric=metric).fit(X, THREE), X, tolerance=1e-9)


def test_only_one_module_compares_versions() -> None:
    asking = {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*.py")
        if re.search(r"sklearn\.__version__|parse_version|import .*\bVERSION\b", path.read_text(encoding="utf-8"))
    }
    assert asking <= {
        "versions.py",
        "files/fitted_with.py",
    }  # the other compares with the version that a pickle is from
