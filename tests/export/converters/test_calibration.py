"""CalibratedClassifierCV over estimators with probabilities and with decisions."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.export.helpers import check_same
from tests.tables import cancer, wine


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
@pytest.mark.parametrize("ensemble", [True, False])
def test_of_probabilities(method, ensemble) -> None:
    forest = RandomForestClassifier(5, max_depth=3, random_state=0)
    model = CalibratedClassifierCV(forest, method=method, ensemble=ensemble, cv=3)
    features = wine().drop(columns=["target", "colour", "strong"])
    labels = np.array(["low", "", "high"], dtype=object)[wine()["target"]]
    check_same(model.fit(features, labels), features, tolerance=1e-14)
    features, labels = cancer().drop(columns="target"), cancer()["target"]
    check_same(model.fit(features, labels), features, tolerance=1e-14)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_of_decisions(method) -> None:
    """Isotonic steps are steep: what is 1e-15 of a decision may be much more of a probability."""
    inner = make_pipeline(StandardScaler(), LogisticRegression())
    for table, columns in ((wine(), ["target", "colour", "strong"]), (cancer(), ["target"])):
        features = table.drop(columns=columns).fillna(0.0)
        model = CalibratedClassifierCV(inner, method=method, cv=3).fit(features, table["target"])
        check_same(model, features, tolerance=1e-8 if method == "isotonic" else 1e-12)
