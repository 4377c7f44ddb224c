"""Rows on which the last bit decides: whole numbers, halves, and the middle between what a model stored.

Many small models of the families whose answers hang on sums and distances, each asked on a grid: labels are those of
scikit-learn, but where it has several answers itself, or where the family's ties are stated.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.cluster import AffinityPropagation, Birch, BisectingKMeans, KMeans, MeanShift
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import (
    KNeighborsClassifier,
    LocalOutlierFactor,
    NearestCentroid,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from sklearn.svm import SVC, SVR, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.gate import parity
from alpenglow._export.gate.bounds import tolerance_of
from alpenglow._export.gate.near_ties import ties_of
from alpenglow._export.gate.rows import Kind
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.helpers import check_same, exported

Maker = Callable[[], Any]
PART = 100  # rows that are compared at once
SCALERS = (None, StandardScaler(), MinMaxScaler())
# The sums are the same in the same order: every bit of every answer is.
SAME_BITS: dict[str, tuple[Maker, int]] = {
    "SVC linear": (lambda: SVC(kernel="linear"), 2),
    "SVC linear, several classes": (lambda: SVC(kernel="linear"), 4),
    "SVC poly": (lambda: SVC(kernel="poly", coef0=1.0), 3),
    "NuSVC linear": (lambda: NuSVC(kernel="linear", nu=0.2), 2),
    "OneClassSVM linear": (lambda: OneClassSVM(kernel="linear", nu=0.2), 2),
    "SVR poly": (lambda: SVR(kernel="poly"), 0),
    "radius": (lambda: RadiusNeighborsClassifier(1.0, outlier_label=0, leaf_size=5), 3),
    "radius, manhattan": (lambda: RadiusNeighborsClassifier(0.5, p=1, outlier_label=0, leaf_size=5), 3),
    "radius, weighted": (lambda: RadiusNeighborsClassifier(1.5, weights="distance", outlier_label=0), 3),
    "radius, brute": (
        lambda: RadiusNeighborsClassifier(1.0, weights="distance", algorithm="brute", outlier_label=0),
        3,
    ),
    "neighbours": (lambda: KNeighborsClassifier(4, leaf_size=5), 3),
    "neighbours, manhattan": (lambda: KNeighborsClassifier(4, p=1, algorithm="kd_tree", leaf_size=5), 3),
    "neighbours, cubes": (lambda: KNeighborsClassifier(4, p=3, leaf_size=5), 3),
}
# The labels are; probabilities are rounded otherwise.
SAME_LABELS: dict[str, tuple[Maker, int]] = {
    "AffinityPropagation": (lambda: AffinityPropagation(random_state=0), 0),
    "Birch": (lambda: Birch(n_clusters=3, threshold=0.1), 0),
    "Birch, subclusters": (lambda: Birch(n_clusters=None, threshold=0.5), 0),
    "BisectingKMeans": (lambda: BisectingKMeans(5, random_state=0), 0),
    "GaussianNB": (GaussianNB, 3),
    "KMeans": (lambda: KMeans(4, n_init=1, random_state=0), 0),
    "LocalOutlierFactor": (lambda: LocalOutlierFactor(5, novelty=True), 0),
    "MeanShift": (lambda: MeanShift(bandwidth=1.0), 0),
    "NearestCentroid": (NearestCentroid, 3),
    "hard votes": (
        lambda: VotingClassifier(
            [("a", GaussianNB()), ("b", GaussianNB(var_smoothing=0.1)), ("c", GaussianNB(var_smoothing=1.0))]
        ),
        3,
    ),
}
# So they are but for stated ties.
STATED: dict[str, tuple[Maker, int]] = {
    "LabelPropagation": (lambda: LabelPropagation(gamma=2), 3),
    "LabelSpreading by neighbours": (lambda: LabelSpreading(kernel="knn", n_neighbors=5), 3),
    "SVC rbf": (SVC, 2),
    "SVC sigmoid": (lambda: SVC(kernel="sigmoid"), 3),
    "neighbours, balls": (lambda: KNeighborsClassifier(4, p=1, algorithm="ball_tree", leaf_size=5), 3),
}


def table(seed: int, width: int = 3) -> tuple[pd.DataFrame, np.ndarray]:
    """Counts or whole numbers from 0 to 3, and a number that depends on them."""
    random = np.random.default_rng(seed)
    numbers = random.poisson(2, (80, width)) if seed % 2 else random.integers(0, 4, (80, width))
    rows = pd.DataFrame(numbers.astype(float)).rename(columns="x{}".format)
    return rows, rows["x0"] - rows.iloc[:, -1] + 0.5 * rows.iloc[:, width // 2] + random.normal(size=80) / 2


def target(number: np.ndarray, classes: int) -> np.ndarray:
    """The number, or so many classes of it."""
    return np.digitize(number, np.quantile(number, np.arange(1, classes) / classes)) if classes else number


def grid(rows: pd.DataFrame) -> pd.DataFrame:
    """Whole and half numbers up to 4, and the middle between rows."""
    corners = pd.DataFrame(list(product(np.arange(0, 4.5, 0.5), repeat=rows.shape[1])), columns=rows.columns)
    middle = (rows.iloc[:40].to_numpy() + rows.iloc[40:].to_numpy()) / 2
    return pd.concat([corners, pd.DataFrame(middle, columns=rows.columns)], ignore_index=True)


def models(make: Maker, classes: int, seeds: int = 2) -> list[tuple[Any, pd.DataFrame]]:
    """Fitted on such tables, behind each scaler, and their rows."""
    found = []
    for seed in range(seeds):
        rows, number = table(seed)
        for scaler in SCALERS:
            steps = [clone(scaler), make()] if scaler else [make()]
            found.append((make_pipeline(*steps).fit(rows, target(number, classes)), rows))
    return found


def compared(model: Any, sample: pd.DataFrame, rows: pd.DataFrame) -> parity.Check:
    """The graph and scikit-learn, as the gate compares them."""
    fitted, (_, graph) = Fitted(model), exported(model, sample)
    frames = (rows.iloc[start : start + PART] for start in range(0, len(rows), PART))
    return parity.compare(Kind("a grid", frames), fitted, graph, 1.0, tolerance_of(fitted.steps))


@pytest.mark.parametrize("family", SAME_BITS)
def test_the_same_bits_on_a_grid(family: str) -> None:
    make, classes = SAME_BITS[family]
    for model, rows in models(make, classes):
        assert not ties_of(Fitted(model).steps)
        check_same(model, rows, grid(rows))


@pytest.mark.parametrize("family", SAME_LABELS)
def test_the_same_labels_on_a_grid(family: str) -> None:
    make, classes = SAME_LABELS[family]
    for model, rows in models(make, classes, 1):
        assert not ties_of(Fitted(model).steps)
        check = compared(model, rows, grid(rows)[::3])
        assert (check.different_labels, check.too_far, check.tied) == (0, 0, 0)


@pytest.mark.parametrize("family", STATED)
def test_the_same_labels_but_for_stated_ties(family: str) -> None:
    make, classes = STATED[family]
    for model, rows in models(make, classes):
        assert ties_of(Fitted(model).steps)
        check = compared(model, rows, grid(rows)[::3])
        assert (check.different_labels, check.too_far) == (0, 0)


def test_a_regression_within_a_radius_takes_the_same_neighbours() -> None:
    for model, rows in models(lambda: RadiusNeighborsRegressor(1.0, leaf_size=5), 0):
        check_same(model, rows, grid(rows), tolerance=1e-13)


def test_rows_of_sixteen_columns_have_stated_ties() -> None:
    rows, number = table(0, 17)
    centres, margin = KMeans(4, n_init=1, random_state=0).fit(rows), SVC(kernel="linear").fit(rows, target(number, 2))
    assert list(ties_of(Fitted(centres).steps)) == ["KMeans"]
    assert list(ties_of(Fitted(margin).steps)) == ["SVC"]


def test_a_row_of_a_mirrored_table_is_on_a_tie_and_one_beside_it_is_not() -> None:
    half = np.random.default_rng(1).integers(-3, 4, (12, 2)).astype(float)
    quarter = np.r_[half, -half]
    rows = pd.DataFrame(np.r_[quarter, quarter * [1, -1]], columns=["a", "b"])
    kinds = np.r_[np.ones(12), np.zeros(24), np.ones(12)].astype(int)
    fitted = Fitted(SVC().fit(rows, kinds))
    for number, tied in ((0.0, True), (0.5, False)):
        row = pd.DataFrame({"a": [-4.0], "b": [number]})
        answer = fitted.answers(row)
        other = answer | {"label": 1 - answer["label"]}
        assert parity.beside_a_tie(fitted, row, other, 1.0, 1e-12) == tied


@pytest.mark.parametrize(
    "model",
    [
        BaggingClassifier(n_estimators=5, random_state=0),
        DecisionTreeClassifier(random_state=0),
        ExtraTreesClassifier(10, random_state=0),
        GradientBoostingRegressor(n_estimators=10),
        HistGradientBoostingRegressor(max_iter=10),
        RandomForestClassifier(10, random_state=0),
        RandomForestRegressor(10, random_state=0),
    ],
    ids=str,
)
def test_the_same_bits_in_any_batch(model: Any) -> None:
    rows, number = table(0)
    fitted = Fitted(model.fit(rows, target(number, 3 if is_classifier(model) else 0)))
    _, graph = exported(model, rows)
    expected = fitted.answers(rows)
    for size in (1, 2, 3, 5, 80):
        for start in range(0, len(rows), 10 if size < 80 else 80):
            given = graph.predict(rows[start : start + size])
            for name, answer in expected.items():
                np.testing.assert_array_equal(given[name], answer[start : start + size])
