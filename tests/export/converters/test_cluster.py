"""Clusterers that assign rows to the nearest centre, ties included."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AffinityPropagation, Birch, BisectingKMeans, KMeans, MeanShift, MiniBatchKMeans
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from tests.export.helpers import check_same
from tests.tables import diabetes

CLUSTERERS = [
    AffinityPropagation(random_state=0),
    Birch(n_clusters=4, threshold=1.0),
    BisectingKMeans(7, random_state=0),
    BisectingKMeans(1, random_state=0),
    KMeans(7, random_state=0, n_init=1),
    MeanShift(bandwidth=40.0),
    MiniBatchKMeans(7, random_state=0, n_init=1),
]


def rows_between(features: pd.DataFrame, centres: np.ndarray) -> pd.DataFrame:
    """Rows half way between two centres."""
    random = np.random.default_rng(0)
    first, second = random.integers(0, len(centres), (2, 200))
    return pd.DataFrame((centres[first] + centres[second]) / 2, columns=features.columns)


@pytest.mark.parametrize("model", CLUSTERERS, ids=str)
def test_real_rows(model) -> None:
    features = diabetes().drop(columns="target").iloc[:200]
    check_same(model.fit(features), features.iloc[:5], features)


@pytest.mark.parametrize("model", CLUSTERERS, ids=str)
def test_numbers_as_large_as_they_come(model) -> None:
    features = diabetes().drop(columns="target").iloc[:100]
    model.fit(features)
    large = [features.assign(bmi=x, s1=-x) for x in (1e150, 1e200, np.finfo(np.float64).max)]
    check_same(model, features.iloc[:5], pd.concat(large))


@pytest.mark.parametrize(
    "model", [KMeans(5, n_init=1), MeanShift(), AffinityPropagation(), Birch(n_clusters=None)], ids=str
)
def test_a_row_between_two_centres_goes_to_the_first(model) -> None:
    centres = np.array([[0.0, 0], [4, 0], [0, 4], [4, 4], [8, 8]])
    features = pd.DataFrame(np.repeat(centres, 3, axis=0), columns=["a", "b"])
    model.fit(features)
    if isinstance(model, Birch):
        model.subcluster_centers_, model.subcluster_labels_ = centres, np.arange(5)
        model._subcluster_norms = (centres**2).sum(axis=1)
    else:
        model.cluster_centers_ = centres
    check_same(model, features, rows_between(features, centres))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), clusters=st.integers(1, 12), features=st.integers(1, 5))
def test_bisection_on_any_grid(seed: int, clusters: int, features: int) -> None:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.integers(0, 8, (60, features)).astype(float)).rename(columns="x{}".format)
    check_same(BisectingKMeans(clusters, random_state=seed % 1000).fit(table), table.iloc[:5], table)


@pytest.mark.parametrize("model", [KMeans(5, n_init=1), Birch(threshold=30.0), BisectingKMeans(4)], ids=str)
def test_distances_to_the_centres_as_features(model) -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    pipeline = make_pipeline(model, LinearRegression()).fit(features, truth)
    check_same(pipeline, features, features * 1.01 + 0.1, tolerance=1e-9)
