"""Neural networks: every activation, one and several outputs."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tests.export.converters.test_linear_model import LABELS, scaled, wines
from tests.export.helpers import check_same
from tests.tables import diabetes

ACTIVATIONS = ["identity", "logistic", "relu", "tanh"]


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_classifiers(activation, labels) -> None:
    features, kind = wines()
    model = MLPClassifier((8, 5), activation=activation, max_iter=20, random_state=0)
    model.fit(features, np.array(labels)[kind % len(labels)])
    check_same(model, features, pd.concat([features, features * 100]), tolerance=1e-12)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_regressors(activation, loss) -> None:
    table = diabetes()
    features = scaled(table.drop(columns=["target", "bmi"]))
    model = MLPRegressor(hidden_layer_sizes=8, loss=loss, activation=activation, max_iter=10, random_state=0)
    check_same(model.fit(features, table["target"]), features, tolerance=1e-11)
    check_same(model.fit(features, table[["target", "bmi"]]), features, tolerance=1e-11)


def test_a_probability_of_one_half_is_the_first_class() -> None:
    features = pd.DataFrame({"a": [-1.0, 1.0, -2.0, 2.0]})
    model = MLPClassifier((), max_iter=1, random_state=0).fit(features, ["left", "right", "left", "right"])
    model.coefs_, model.intercepts_ = [np.array([[1.0]])], [np.array([0.0])]
    check_same(model, features, pd.DataFrame({"a": [0.0, 1e-17, 1e-15, -1e-15, 800.0, -800.0]}), tolerance=1e-15)


def test_several_labels_at_once() -> None:
    features, kind = wines()
    model = MLPClassifier((4,), max_iter=3, random_state=0).fit(features, np.eye(3, dtype=int)[kind])
    check_same(model, features, tolerance=1e-12)
