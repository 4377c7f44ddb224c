"""NearestCentroid."""

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from tests.export.helpers import check_same
from tests.tables import cancer, wine


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("priors", ["uniform", "empirical"])
@pytest.mark.parametrize("shrink", [None, 0.5])
def test_the_nearest_class(metric, priors, shrink) -> None:
    model = NearestCentroid(metric=metric, priors=priors, shrink_threshold=shrink)
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    labels = np.array(["low", "", "high"], dtype=object)[wine()["target"]]
    check_same(model.fit(features, labels), features, tolerance=1e-10)
    features, labels = cancer().drop(columns="target"), cancer()["target"]
    check_same(model.fit(features, labels), features, tolerance=1e-10)
