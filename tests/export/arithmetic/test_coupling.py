"""Probabilities of support vector machines: the same iteration, stopped at the same step."""

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import SVC, NuSVC

from tests.export.converters.test_linear_model import LABELS, wines
from tests.export.helpers import check_same, exported
from tests.tables import cancer

pytestmark = pytest.mark.filterwarnings("ignore:.*probability.*:FutureWarning")


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("kind", [SVC, NuSVC])
def test_probabilities(kind, labels) -> None:
    features, known = wines()
    options = {"nu": 0.1} if kind is NuSVC else {}
    model = kind(probability=True, random_state=0, **options).fit(features, np.array(labels)[known % len(labels)])
    check_same(model, features, pd.concat([features, features * 3, features * 0.1]), tolerance=1e-11)


def test_ten_classes() -> None:
    features, known = load_digits(return_X_y=True, as_frame=True)
    model = SVC(probability=True, random_state=0).fit(features[:400], known[:400])
    check_same(model, features[:400], features[400:900], tolerance=1e-11)


def test_one_row_at_a_time_is_as_all_together() -> None:
    features, known = wines()
    model = SVC(probability=True, random_state=0).fit(features, known)
    _, graph = exported(model, features)
    together = graph.predict(features[:20])["probabilities"]
    alone = [graph.predict(features[at : at + 1])["probabilities"][0] for at in range(20)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_certain_pairs() -> None:
    table = cancer()
    features = table[["mean radius", "mean texture"]]
    model = SVC(kernel="linear", probability=True, random_state=0).fit(features, table["target"])
    check_same(model, features, pd.concat([features, features * 100, features * -100]), tolerance=1e-11)


def test_the_graph_is_valid() -> None:
    features, known = wines()
    model, _ = exported(SVC(probability=True, random_state=0).fit(features, known), features)
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node].count("Loop") == 1
