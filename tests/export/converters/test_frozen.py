"""What only hands on, alone and inside a pipeline."""

import numpy as np
import pytest
from sklearn.feature_selection import RFE, RFECV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.tree import DecisionTreeClassifier

from tests.export.helpers import check_same
from tests.tables import wine

TREE = DecisionTreeClassifier(max_depth=3, random_state=0)


def table() -> tuple:
    return wine().drop(columns=["target", "colour", "strong"]).fillna(0.0), wine()["target"].to_numpy().copy()


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(TREE, {"max_depth": [1, 2]}, cv=2),
        RandomizedSearchCV(TREE, {"max_depth": [1, 2]}, n_iter=2, cv=2),
        RFE(TREE, n_features_to_select=3),
        RFECV(TREE, cv=2),
    ],
    ids=str,
)
def test_alone_and_after_a_scaler(model) -> None:
    features, truth = table()
    labels = np.array(["low", "", "high"], dtype=object)[truth]
    check_same(model.fit(features, labels), features)
    check_same(make_pipeline(StandardScaler(), model).fit(features, labels), features)


def test_frozen() -> None:
    features, truth = table()
    check_same(FrozenEstimator(TREE.fit(features, truth)), features)
    check_same(make_pipeline(FrozenEstimator(StandardScaler().fit(features)), TREE).fit(features, truth), features)


def test_self_training() -> None:
    features, truth = table()
    truth[::3] = -1
    check_same(SelfTrainingClassifier(TREE).fit(features, truth), features)
