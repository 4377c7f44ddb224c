"""Metrics, kernels and weights of the user's own: functions of two rows, of two matrices, of distances."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import KernelPCA
from sklearn.impute import KNNImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import cosine_similarity, linear_kernel, rbf_kernel
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, OneClassSVM

import alpenglow
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.near_ties import ties_of
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.converters.echo import Echo
from tests.export.helpers import check_same, exported, spelled

WEIGHTS = np.array([1.0, 2.0, 0.5, 0.25])
MATRIX = np.diag(WEIGHTS) + 0.1
TABLE = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)), columns=list("abcd"))
ROWS = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 4)), columns=list("abcd"))
TARGET = (TABLE["a"] + TABLE["b"] ** 2 > 0.5).astype(int)
NUMBER = TABLE["a"] - TABLE["c"]


def euclidean(x, y):
    return np.sqrt(np.sum((x - y) ** 2))


def weighted(x, y):
    return (WEIGHTS * abs(x - y)).sum()


def length(x, y):
    return np.linalg.norm(x - y)


def longest(x, y):
    return np.max(np.abs(np.asarray(x) - y))


def one_by_one(x, y):
    return sum(abs(a - b) for a, b in zip(x, y, strict=True))


def some(x, y):
    return np.mean(np.abs(x[:2] - y[:2])) + abs(x[-1] - y[-1])


def mahalanobis(x, y):
    away = x - y
    return np.sqrt(away @ MATRIX @ away)


def chord(x, y, radius=1.0):
    height = math.sin((x[0] - y[0]) / 2) ** 2
    return radius * math.sqrt(height + math.cos(x[0]) * math.cos(y[0]) * math.sin((x[1] - y[1]) / 2) ** 2)


METRICS = [euclidean, weighted, length, longest, one_by_one, some, mahalanobis]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.__name__)
@pytest.mark.parametrize("algorithm", ["brute", "ball_tree"])
def test_metrics(metric, algorithm) -> None:
    model = KNeighborsRegressor(4, metric=metric, algorithm=algorithm, leaf_size=5, weights="distance")
    model.fit(TABLE, NUMBER)
    check_same(model, TABLE, ROWS, tolerance=1e-12)
    assert list(ties_of(Fitted(model).steps)) == ["KNeighborsRegressor"]


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(1, metric=weighted),
        KNeighborsClassifier(60, metric=weighted),
        KNeighborsClassifier(5, metric=chord, metric_params={"radius": 3.0}, algorithm="brute"),
        KNeighborsClassifier(7, weights=lambda far: np.exp(-far)),
        KNeighborsRegressor(7, weights=lambda far: 1 / (far + 0.5), metric=weighted),
        LocalOutlierFactor(5, metric=weighted, novelty=True),
        RadiusNeighborsClassifier(2.0, metric=weighted, outlier_label=0, leaf_size=5),
        RadiusNeighborsRegressor(3.0, metric=weighted, weights="distance"),
    ],
    ids=spelled,
)
def test_searches(model) -> None:
    check_same(clone(model).fit(TABLE, TARGET), TABLE, ROWS, tolerance=1e-12)


def test_weights_of_an_imputer() -> None:
    gaps = TABLE.mask(np.random.default_rng(2).random(TABLE.shape) < 0.2)
    imputer = KNNImputer(n_neighbors=4, weights=lambda far: np.where(far > 1, 1 / far, 1.0))
    check_same(make_pipeline(imputer, Echo()).fit(gaps), gaps, tolerance=1e-12)


def polynomial(x, y, c=1.0):
    return (np.dot(x, y) + c) ** 2


def radial(x, y):
    return np.exp(-0.1 * np.sum((x - y) ** 2))


@pytest.mark.parametrize(
    "model",
    [
        KernelRidge(kernel=polynomial, kernel_params={"c": 2.0}),
        make_pipeline(Nystroem(kernel=radial, n_components=8, random_state=0), Echo()),
        make_pipeline(KernelPCA(3, kernel=polynomial), Echo()),
    ],
    ids=spelled,
)
def test_kernels_of_two_rows(model) -> None:
    check_same(model.fit(TABLE, NUMBER), TABLE, ROWS, tolerance=1e-11)


def by_hand(X, Y):
    squares = np.sum(X**2, axis=1)[:, np.newaxis] + np.sum(Y**2, axis=1)[np.newaxis]
    return np.exp(-0.2 * (squares - 2 * X @ Y.T))


def mixed(X, Y):
    return 0.5 * rbf_kernel(X, Y, 0.3) + linear_kernel(X, Y) + cosine_similarity(X, Y)


@pytest.mark.parametrize("kernel", [by_hand, mixed, lambda X, Y: X.dot(Y.T), lambda X, Y: (np.dot(X, Y.T) + 1) ** 3])
@pytest.mark.parametrize("model", [SVC(), SVR(), OneClassSVM(nu=0.2)], ids=spelled)
def test_kernels_of_two_matrices(kernel, model) -> None:
    several = np.asarray(NUMBER > 1, int) + TARGET
    machine = make_pipeline(StandardScaler(), clone(model).set_params(kernel=kernel))
    check_same(machine.fit(TABLE, several), TABLE, ROWS, tolerance=1e-10)


def test_a_million_pairs_go_row_by_row() -> None:
    many = pd.DataFrame(np.random.default_rng(3).normal(size=(1000, 4)), columns=list("abcd"))
    model = KNeighborsRegressor(3, metric=weighted, algorithm="brute").fit(many, many["a"])
    graph, _ = exported(model, many)
    [scan] = [node for node in graph.graph.node if node.op_type == "Scan"]
    assert scan.attribute
    check_same(model, many, pd.concat([many] * 2, ignore_index=True).iloc[:1200] + 0.1, tolerance=1e-12)


def test_the_whole_way(tmp_path) -> None:
    model = KNeighborsClassifier(3, metric=weighted, algorithm="brute").fit(TABLE.round(1), TARGET)
    report = alpenglow.export(model, TABLE.round(1), tmp_path / "model.onnx")
    assert all(not check.different_labels for check in report.checks)
    answers = alpenglow.load(tmp_path / "model.onnx").predict(ROWS)
    assert list(answers) == list(model.predict(ROWS))


def decides(x, y):
    return 0.0 if x[0] > y[0] else 1.0


def gives_a_row(x, y):
    return x - y


def third(X, Y):
    return np.exp(-np.sum((X[:, np.newaxis] - Y[np.newaxis]) ** 2, axis=2))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (KNeighborsClassifier(metric=decides, algorithm="brute"), "`x[0] > y[0]`: it decides on values"),
        (SVC(kernel=third), "can"),
        (KNeighborsClassifier(weights=lambda far: far[:, :1] * 0 + 1), "its weights are not one for each distance"),
        (
            RadiusNeighborsRegressor(3.0, weights=lambda far: [1 / (some + 1) for some in far]),
            "its weights are a Python function, which gets as many distances as a row has neighbours",
        ),
    ],
    ids=["decides", "three axes", "weights", "radius"],
)
def test_refused(model, reason) -> None:
    with pytest.raises(ConversionError) as caught:
        exported(model.fit(TABLE.to_numpy(), TARGET), TABLE)
    assert reason in str(caught.value)
