"""Another threshold."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.export.helpers import check_same
from tests.tables import cancer

LINEAR = make_pipeline(StandardScaler(), LogisticRegression())


@pytest.mark.parametrize("positive", [None, "benign", "malignant"])
@pytest.mark.parametrize("threshold", ["auto", 0.0, 0.3])
@pytest.mark.parametrize("method", ["auto", "predict_proba", "decision_function"])
def test_fixed(positive, threshold, method) -> None:
    features = cancer().drop(columns="target")
    labels = np.where(cancer()["target"], "benign", "malignant").astype(object)
    model = FixedThresholdClassifier(LINEAR, threshold=threshold, pos_label=positive, response_method=method)
    check_same(model.fit(features, labels), features, tolerance=1e-12)


def test_a_score_on_the_threshold_reaches_it() -> None:
    features, labels = cancer().drop(columns="target"), cancer()["target"]
    tree = DecisionTreeClassifier(max_depth=2).fit(features, labels)
    for threshold in np.unique(tree.predict_proba(features))[:3]:
        model = FixedThresholdClassifier(tree, threshold=threshold).fit(features, labels)
        check_same(model, features.iloc[:5], features)


def test_tuned() -> None:
    features, labels = cancer().drop(columns="target"), cancer()["target"]
    check_same(TunedThresholdClassifierCV(DecisionTreeClassifier(max_depth=3)).fit(features, labels), features)
