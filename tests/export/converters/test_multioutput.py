"""One estimator for each target."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import alpenglow
from alpenglow._export.gate.edges import find
from tests.export.helpers import check_same
from tests.tables import diabetes, wine

FEATURES = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
KIND = wine()["target"].to_numpy()
INDICATORS = np.c_[KIND == 0, FEATURES["hue"] > 1, FEATURES["alcohol"] > 13].astype(int)


def test_regressors_side_by_side() -> None:
    features, truth = diabetes().drop(columns=["target", "bmi"]), diabetes()[["target", "bmi"]]
    check_same(MultiOutputRegressor(RandomForestRegressor(3, random_state=0)).fit(features, truth), features)


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_chains(order) -> None:
    features, truth = diabetes().drop(columns=["target", "bmi", "s1"]), diabetes()[["target", "bmi", "s1"]]
    check_same(RegressorChain(Ridge(), order=order).fit(features, truth), features, tolerance=1e-12)


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(max_iter=9000), LinearSVC(), DecisionTreeClassifier(max_depth=4), GaussianNB()],
    ids=str,
)
def test_classifiers_side_by_side(estimator) -> None:
    named = pd.DataFrame(
        {"kind": np.array(["b", "", "Ä"])[KIND], "hue": np.where(FEATURES["hue"] > 1, "light", "dark")}
    )
    for labels in (named, INDICATORS, INDICATORS.astype(bool), INDICATORS[:, :1], np.c_[KIND, KIND * 2]):
        check_same(MultiOutputClassifier(estimator).fit(FEATURES, labels), FEATURES, tolerance=1e-12)


@pytest.mark.parametrize("order", [None, [2, 0, 1], "random"])
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "decision_function"])
def test_classifiers_in_a_chain(method, order) -> None:
    for estimator in (LogisticRegression(max_iter=9000), GradientBoostingClassifier(n_estimators=3, random_state=0)):
        chain = ClassifierChain(estimator, order=order, chain_method=method, random_state=1)
        check_same(chain.fit(FEATURES, INDICATORS), FEATURES, tolerance=1e-12)


def test_chains_of_what_has_no_probabilities() -> None:
    check_same(ClassifierChain(LinearSVC(), order=[1, 2, 0]).fit(FEATURES, INDICATORS), FEATURES, tolerance=1e-12)
    labels = np.c_[KIND, KIND == 1, KIND * 3]  # of three classes each: labels alone
    check_same(ClassifierChain(DecisionTreeClassifier(), order=[2, 1, 0]).fit(FEATURES, labels), FEATURES)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_thresholds_on_answers_of_the_chain_are_laid_on(method, tmp_path) -> None:
    chain = ClassifierChain(DecisionTreeClassifier(max_depth=2), chain_method=method).fit(
        FEATURES, INDICATORS[:, [0, 0]]
    )
    (before,) = [edges for edges in find(chain) if (edges.feature >= FEATURES.shape[1]).any()]
    assert before.sees(FEATURES).shape == (len(FEATURES), FEATURES.shape[1] + 1)
    alpenglow.export(
        RegressorChain(RandomForestRegressor(3, random_state=0)).fit(FEATURES, INDICATORS),
        FEATURES,
        tmp_path / "m.onnx",
    )
