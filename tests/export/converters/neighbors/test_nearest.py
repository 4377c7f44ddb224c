"""Neighbours, and who is one where several points are as far."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
from threadpoolctl import threadpool_limits

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes, wine

ALGORITHMS = ["ball_tree", "brute", "kd_tree"]
METRICS = [
    {},
    {"p": 1},
    {"p": 3},
    {"metric": "chebyshev"},
    {"metric": "minkowski", "p": 1.5},
]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """With several, scikit-learn's brute force shares more than 256 points among them, and then chooses otherwise."""
    with threadpool_limits(1, user_api="openmp"):
        yield


def features_of(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers alone, without gaps."""
    return table.drop(columns=["target", "colour", "strong"], errors="ignore").fillna(0.0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("metric", METRICS, ids=str)
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_votes_and_means(algorithm, metric, weights) -> None:
    options = {"algorithm": algorithm, "weights": weights, **metric}
    features, labels = features_of(wine()), np.array(["low", "", "high"], dtype=object)[wine()["target"]]
    moved = features * 1.01 + 0.003
    check_same(KNeighborsClassifier(5, **options).fit(features, labels), features.iloc[:5], moved, tolerance=1e-9)
    features, truth = features_of(diabetes()), diabetes()["target"]
    moved = features * 1.01 + 0.003
    check_same(KNeighborsRegressor(9, **options).fit(features, truth), features.iloc[:5], moved, tolerance=1e-9)


@pytest.mark.parametrize("labels", [[True, False], [2**40, -7], ["b", "a"], [1.0, 2.0]], ids=str)
def test_labels_of_any_kind(labels) -> None:
    features = features_of(cancer())
    truth = np.array(labels)[cancer()["target"].astype(int)]
    check_same(KNeighborsClassifier().fit(features, truth), features)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(2, 250),
    features=st.integers(1, 4),
    grid=st.integers(2, 9),
    neighbours=st.integers(1, 20),
    leaf=st.integers(1, 30),
    metric=st.sampled_from(["euclidean", "manhattan", "chebyshev"]),
    falling=st.booleans(),
)
def test_among_equals_scikit_learn_s_choice(
    algorithm, seed, points, features, grid, neighbours, leaf, metric, falling
) -> None:
    """On a grid most rows are equally far from many points."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.integers(0, grid, (points, features)).astype(float)).rename(columns="x{}".format)
    if falling:
        table = table.sort_values("x0", ascending=False, ignore_index=True)
    rows = pd.DataFrame(random.integers(0, grid, (30, features)).astype(float), columns=table.columns)
    model = KNeighborsClassifier(min(neighbours, points), algorithm=algorithm, leaf_size=leaf, metric=metric)
    check_same(model.fit(table, np.r_[0, 1, random.integers(0, 3, points - 2)]), table.iloc[:5], rows)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_batch_answers_as_its_rows_do(algorithm) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.integers(0, 5, (200, 3)).astype(float), columns=["a", "b", "c"])
    model = KNeighborsClassifier(4, algorithm=algorithm).fit(table, random.integers(0, 3, 200))
    _, graph = exported(model, table)
    together = graph.predict(table.iloc[:40])["probabilities"]
    apart = [graph.predict(table.iloc[[row]])["probabilities"][0] for row in range(40)]
    np.testing.assert_array_equal(together, apart)


def test_points_at_the_row_itself_count_alone() -> None:
    table = pd.DataFrame({"a": [0.0, 0.0, 1.0, 2.0, 3.0], "b": [0.0] * 5})
    for algorithm in ALGORITHMS:
        model = KNeighborsClassifier(3, weights="distance", algorithm=algorithm).fit(table, [0, 1, 1, 0, 1])
        check_same(model, table)


def test_several_targets() -> None:
    table = diabetes()
    features, truth = table.drop(columns=["target", "bmi"]), table[["target", "bmi"]]
    for weights in ("uniform", "distance"):
        model = KNeighborsRegressor(10, weights=weights).fit(features, truth)
        check_same(model, features, features * 1.01, tolerance=1e-12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_several_labels_at_once(weights, algorithm) -> None:
    """On rounded numbers, where votes and distances tie."""
    features, truth = features_of(wine()).round(0), wine()["target"].to_numpy()
    for labels in (
        np.c_[truth, truth == 1, features["hue"]].astype(int),
        np.array(["a", "b", "c"])[np.c_[truth, 2 - truth]],
    ):
        model = KNeighborsClassifier(4, weights=weights, algorithm=algorithm).fit(features, labels)
        check_same(model, features, features + np.eye(*features.shape), tolerance=1e-12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_local_outlier_factor(algorithm) -> None:
    features = features_of(wine())
    model = LocalOutlierFactor(n_neighbors=12, novelty=True, algorithm=algorithm).fit(features)
    check_same(model, features, features * 1.01, tolerance=1e-9)


def test_what_no_graph_can() -> None:
    features, truth = features_of(wine()), wine()["target"]
    with pytest.raises(ConversionError, match="of rbf_kernel, that of the rows with others"):
        exported(KNeighborsClassifier(metric=lambda a, b: rbf_kernel([a], [b])[0, 0]).fit(features, truth), features)
    with pytest.raises(ConversionError, match="its metric is 'canberra'"):
        exported(KNeighborsClassifier(metric="canberra").fit(features, truth), features)
