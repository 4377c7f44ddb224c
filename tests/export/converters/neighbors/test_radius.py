"""Neighbours within a radius, and rows without any."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import RadiusNeighborsClassifier, RadiusNeighborsRegressor

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine

ALGORITHMS = ["ball_tree", "brute", "kd_tree"]


def scaled(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers on one scale, rounded so that some points lie on the radius."""
    features = table.drop(columns=["target", "colour", "strong"], errors="ignore").fillna(0.0)
    return ((features - features.mean()) / features.std() * 2).round(0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_classes_and_means(algorithm, weights, metric) -> None:
    options = {"radius": 4.0, "algorithm": algorithm, "weights": weights, "metric": metric}
    features, labels = scaled(wine()), np.array(["low", "", "high"], dtype=object)[wine()["target"]]
    moved = features + np.eye(*features.shape)
    for outlier in ("low", "most_frequent"):
        model = RadiusNeighborsClassifier(outlier_label=outlier, **options).fit(features, labels)
        check_same(model, features.iloc[:5], moved, tolerance=1e-12)
    model = RadiusNeighborsClassifier(outlier_label=77, **options).fit(features, wine()["target"])
    check_same(model, features.iloc[:5], moved, tolerance=1e-12)
    features, truth = scaled(diabetes()), diabetes()["target"]
    for targets in (truth, truth.astype(int)):
        model = RadiusNeighborsRegressor(**options).fit(features, targets)
        check_same(model, features.iloc[:5], features * 1.1, tolerance=1e-12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_several_labels_at_once(algorithm, weights) -> None:
    features, truth = scaled(wine()), wine()["target"].to_numpy()
    moved = features + 3 * np.eye(*features.shape)
    texts = np.array(["low", "", "high"], dtype=object)
    for outlier, labels in (("most_frequent", texts[np.c_[truth, 2 - truth]]), ([0, 99], np.c_[truth, truth + 5])):
        model = RadiusNeighborsClassifier(4.0, algorithm=algorithm, weights=weights, outlier_label=outlier)
        check_same(model.fit(features, labels), features.iloc[:5], moved, tolerance=1e-12)


def test_rows_that_scikit_learn_raises_for() -> None:
    features = scaled(wine())
    with pytest.raises(ConversionError, match="give it an outlier_label"):
        exported(RadiusNeighborsClassifier(4.0).fit(features, wine()["target"]), features)
    model = RadiusNeighborsClassifier(4.0, algorithm="brute", outlier_label=1).fit(
        features.to_numpy(), wine()["target"] + 1
    )
    with pytest.raises(ConversionError, match="means another class in an array than in a data frame"):
        exported(model, features)
