"""Two-class estimators put together."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.export.helpers import check_same
from tests.tables import cancer, wine

LABELS = [["low", "", "high"], [2**40, -7, 3], [1.0, 2.0, 3.0]]
INNER = [DecisionTreeClassifier(max_depth=2), make_pipeline(StandardScaler(), LogisticRegression())]


@pytest.mark.parametrize("kind", [OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier])
@pytest.mark.parametrize("inner", INNER, ids=["tree", "linear"])
def test_several_classes(kind, inner) -> None:
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    for labels in LABELS:
        truth = np.array(labels, dtype=object if isinstance(labels[0], str) else None)[wine()["target"]]
        check_same(kind(inner).fit(features, truth), features, tolerance=1e-12)


@pytest.mark.parametrize("kind", [OneVsOneClassifier, OneVsRestClassifier])
@pytest.mark.parametrize("inner", INNER, ids=["tree", "linear"])
def test_two_classes(kind, inner) -> None:
    features = cancer().drop(columns="target")
    check_same(kind(inner).fit(features, cancer()["target"]), features, tolerance=1e-12)


def test_regressors_may_vote() -> None:
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    for kind in (OneVsOneClassifier, OneVsRestClassifier):
        check_same(kind(Ridge()).fit(features, wine()["target"]), features, tolerance=1e-12)


@pytest.mark.parametrize("kind", [OneVsOneClassifier, OneVsRestClassifier])
def test_ties(kind) -> None:
    """A stump that cannot split gives all classes the same score."""
    features = pd.DataFrame({"x": [0.0, 0, 0, 1, 1, 1]})
    check_same(kind(DecisionTreeClassifier()).fit(features, ["c", "b", "a"] * 2), features)


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(max_iter=9000), LinearSVC(), DecisionTreeClassifier(), Ridge()], ids=str
)
def test_several_labels_at_once(estimator) -> None:
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    labels = np.c_[np.eye(3, dtype=int)[wine()["target"]], features["hue"] > 1]
    none, all_ = np.zeros((len(labels), 1), int), np.ones((len(labels), 1), int)
    for several in (labels, labels.astype(bool), csr_array(labels), np.c_[labels, none, all_], np.c_[all_, labels]):
        check_same(OneVsRestClassifier(estimator).fit(features, several), features, tolerance=1e-12)
