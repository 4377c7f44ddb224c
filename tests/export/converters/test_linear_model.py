"""Linear models: labels equal, also on the border; numbers to the last digits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import linear_model as lm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC, LinearSVR

from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes, wine

CLASSIFIERS = [
    lm.LogisticRegression(),
    lm.LogisticRegressionCV(Cs=2, cv=2),
    lm.PassiveAggressiveClassifier(random_state=0),
    lm.Perceptron(),
    lm.RidgeClassifier(),
    lm.RidgeClassifierCV(),
    lm.SGDClassifier(random_state=0),
    lm.SGDClassifier(loss="log_loss", random_state=0),
    lm.SGDClassifier(loss="modified_huber", random_state=0),
    LinearDiscriminantAnalysis(),
    LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"),
    LinearSVC(),
]
REGRESSORS = [
    lm.ARDRegression(),
    lm.BayesianRidge(),
    lm.ElasticNet(),
    lm.ElasticNetCV(),
    lm.GammaRegressor(),
    lm.HuberRegressor(),
    lm.Lars(),
    lm.LarsCV(),
    lm.Lasso(),
    lm.LassoCV(),
    lm.LassoLars(),
    lm.LassoLarsCV(),
    lm.LassoLarsIC(),
    lm.LinearRegression(),
    lm.OrthogonalMatchingPursuit(),
    lm.OrthogonalMatchingPursuitCV(),
    lm.PassiveAggressiveRegressor(random_state=0),
    lm.PoissonRegressor(),
    lm.QuantileRegressor(),
    lm.RANSACRegressor(random_state=0),
    lm.Ridge(),
    lm.RidgeCV(),
    lm.SGDRegressor(random_state=0),
    lm.TheilSenRegressor(max_subpopulation=50, random_state=0),
    lm.TweedieRegressor(power=0),
    lm.TweedieRegressor(power=1.5, link="log"),
    LinearSVR(),
]
SEVERAL_TARGETS = [
    lm.ElasticNet(),
    lm.Lars(),
    lm.LassoLars(),
    lm.LinearRegression(),
    lm.MultiTaskElasticNet(),
    lm.MultiTaskElasticNetCV(cv=2),
    lm.MultiTaskLasso(),
    lm.MultiTaskLassoCV(cv=2),
    lm.OrthogonalMatchingPursuit(),
    lm.RANSACRegressor(random_state=0),
    lm.Ridge(),
    lm.RidgeCV(),
]
LABELS = [["low", "mid", "high"], ["", "no"], [False, True], [2**53 + 1, -(2**40), 2**62]]


def scaled(features: pd.DataFrame) -> pd.DataFrame:
    return (features - features.mean()) / features.std()


def wines() -> tuple[pd.DataFrame, np.ndarray]:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    return scaled(table.drop(columns="target")), table["target"].to_numpy()


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("model", CLASSIFIERS, ids=str)
def test_classifiers(model, labels) -> None:
    features, kind = wines()
    model.fit(features, np.array(labels)[kind % len(labels)])
    check_same(model, features, pd.concat([features, features * 1e3]), tolerance=1e-12)


@pytest.mark.parametrize("model", REGRESSORS, ids=str)
def test_regressors(model) -> None:
    table = diabetes()
    features = scaled(table.drop(columns="target"))
    check_same(model.fit(features, table["target"]), features, tolerance=1e-12)


@pytest.mark.parametrize("model", SEVERAL_TARGETS, ids=str)
def test_several_targets(model) -> None:
    table = diabetes()
    features = scaled(table.drop(columns=["target", "bmi"]))
    check_same(model.fit(features, table[["target", "bmi"]]), features, tolerance=1e-12)
    check_same(model.fit(features, table[["target"]]), features, tolerance=1e-12)


@pytest.mark.parametrize("model", [lm.Perceptron(), lm.RidgeClassifier(), lm.LogisticRegression()], ids=str)
def test_on_the_border_the_first_class_wins(model) -> None:
    features = pd.DataFrame({"a": [-2.0, -1.0, 1.0, 2.0], "b": [0.0, 0.0, 0.0, 0.0]})
    model.fit(features, ["left", "left", "right", "right"])
    model.coef_, model.intercept_ = np.array([[0.1, 0.3]]), np.array([-0.3])
    border = pd.DataFrame({"a": [3.0, np.nextafter(3.0, 9), np.nextafter(3.0, 0), 0.0], "b": [0.0, 0.0, 0.0, 1.0]})
    check_same(model, features, border, tolerance=1e-15)
    assert 0 in model.decision_function(border)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), features=st.integers(1, 40), classes=st.integers(2, 5))
def test_whole_coefficients_meet_ties_that_are_exact(seed: int, features: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.integers(-2, 3, size=(50, features))).rename(columns=str)
    model = lm.Perceptron().fit(rows, np.r_[np.arange(classes), random.integers(0, classes, 50 - classes)])
    check_same(model, rows)


def test_probabilities_are_certain_past_what_a_float_holds() -> None:
    table = cancer()
    features = scaled(table.drop(columns="target"))
    rows = pd.DataFrame([np.full(30, 0.0)] * 2, columns=features.columns)
    rows.iloc[0, 0], rows.iloc[1, 0] = 1.7e308, -1.7e308
    for model in (lm.LogisticRegression(C=1e4), lm.SGDClassifier(loss="log_loss"), LinearDiscriminantAnalysis()):
        check_same(model.fit(features, table["target"]), features, rows, tolerance=1e-15)


def test_one_against_the_rest_when_no_class_wants_a_row() -> None:
    features, kind = wines()
    for loss in ("log_loss", "modified_huber"):
        model = lm.SGDClassifier(loss=loss, random_state=0).fit(features, kind)
        model.coef_, model.intercept_ = np.zeros_like(model.coef_), np.array([-800.0, -900.0, -1e4])
        assert (model.predict_proba(features) == 1 / 3).all()
        check_same(model, features)


def test_probabilities_far_below_the_border_keep_their_digits() -> None:
    features, kind = wines()
    model = lm.SGDClassifier(loss="log_loss", random_state=0).fit(features, kind)
    model.intercept_ = model.intercept_ - 300
    check_same(model, features, tolerance=1e-12)


def test_sparse_coefficients_and_sparse_rows() -> None:
    table = pd.DataFrame({"a": list("xyzxyzxyy"), "b": list("uuvvwwuvw")})
    model = make_pipeline(OneHotEncoder(), lm.SGDClassifier(penalty="l1", random_state=0)).fit(table, [0, 1, 1] * 3)
    model[-1].sparsify()
    check_same(model, table, tolerance=1e-14)


def test_the_graph_of_a_logistic_regression_is_small() -> None:
    table = cancer()
    features = table.drop(columns="target")
    model, _ = exported(lm.LogisticRegression(max_iter=9000).fit(features, table["target"]), features)
    operators = {node.op_type for node in model.graph.node}
    assert operators == {"Concat", "MatMul", "Add", "ArgMax", "Gather", "Min", "Softmax", "Cast"}
    assert len(model.graph.node) <= 9


@pytest.mark.parametrize("kind", [lm.RidgeClassifier, lm.RidgeClassifierCV])
def test_several_labels_at_once(kind) -> None:
    features, number = wines()
    check_same(kind().fit(features, np.eye(3, dtype=int)[number]), features, tolerance=1e-12)
