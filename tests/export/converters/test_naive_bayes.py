"""Naive Bayes: labels equal; probabilities as far as the order of the additions allows."""

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from sklearn.calibration import CalibratedClassifierCV
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alpenglow._export.api import export
from alpenglow._export.convert import convert
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate import parity
from alpenglow._export.gate.bounds import TOLERANCE
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.rows import Kind
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.helpers import check_same, exported
from tests.tables import wine

MODELS = [
    BernoulliNB(binarize=2.0),
    ComplementNB(),
    ComplementNB(norm=True),
    GaussianNB(),
    GaussianNB(priors=[0.0, 0.3, 0.7]),
    MultinomialNB(),
    MultinomialNB(alpha=0.1, fit_prior=False),
]
LABELS = [["low", "mid", "high"], [False, True, True], [2**53 + 1, -5, 2**62]]


def wines() -> tuple[pd.DataFrame, np.ndarray]:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    return table.drop(columns="target"), table["target"].to_numpy()


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_they_answer_the_same(model, labels) -> None:
    features, kind = wines()
    known = np.array(labels)[kind]
    if len(set(labels)) == 2 and getattr(model, "priors", None):
        model = GaussianNB(priors=[0.0, 1.0])
    check_same(model.fit(features, known), features, pd.concat([features, features * 50]), tolerance=1e-10)


def test_rows_that_are_binary_already() -> None:
    features, kind = wines()
    present = (features > features.mean()).astype(float)
    check_same(BernoulliNB(binarize=None).fit(present, kind), present, tolerance=1e-12)


def test_on_the_threshold_a_feature_is_absent() -> None:
    features = pd.DataFrame({"x": [0.0, 0.5, 1.0, 2.0]})
    beside = pd.DataFrame({"x": [0.5, np.nextafter(0.5, 1), np.nextafter(0.5, 0)]})
    check_same(BernoulliNB(binarize=0.5).fit(features, [0, 0, 1, 1]), features, beside, tolerance=1e-15)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), features=st.integers(1, 9), classes=st.integers(2, 4))
def test_categories_tie_as_in_scikit_learn(seed: int, features: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.integers(0, 3, size=(12, features))).rename(columns=str)
    model = CategoricalNB(min_categories=3).fit(rows, np.arange(12) % classes)
    every = pd.DataFrame(random.integers(0, 3, size=(60, features))).rename(columns=str)
    check_same(model, rows, every, tolerance=1e-13)


def test_categories_are_cut_to_whole_numbers() -> None:
    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 1.0], "b": [1.0, 1.0, 0.0, 0.0]})
    cut = pd.DataFrame({"a": [0.9, 1.99, 2.5, -0.5], "b": [1.5, 0.1, 0.9, -0.9]})
    check_same(CategoricalNB().fit(rows, [0, 1, 1, 0]), rows, cut, tolerance=1e-14)


@pytest.mark.parametrize("strange", [3.0, -1.0, -2.0, 1e6])
def test_a_category_that_scikit_learn_refuses_is_no_answer(strange) -> None:
    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 1.0], "b": [1.0, 1.0, 0.0, 0.0]})
    _, graph = exported(CategoricalNB().fit(rows, [0, 1, 1, 0]), rows)
    with pytest.raises(ConversionError, match="does not run"):
        graph.predict(rows.assign(a=strange))


def test_without_smoothing_there_is_nothing_to_compute_with() -> None:
    rows = pd.DataFrame({"a": [0.0, 1.0, 0.0, 1.0], "b": [1.0, 1.0, 0.0, 0.0]})
    with pytest.raises(ConversionError, match="without smoothing"):
        exported(MultinomialNB(alpha=0.0).fit(rows, [0, 1, 0, 1]), rows)
    with pytest.raises(ConversionError, match="without smoothing"):
        exported(GaussianNB(var_smoothing=0.0).fit(rows.assign(c=1.0), [0, 1, 0, 1]), rows.assign(c=1.0))


def one_constant(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Columns of very different sizes, and one that is constant."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(200, 2 + seed % 11)) * 10.0 ** random.integers(-3, 4, 2 + seed % 11)
    table = pd.DataFrame(features).rename(columns=str).assign(constant=[1.0, 0.0, 1e6, -3.7][seed % 4])
    return table, (table["0"] > 0).to_numpy() + (seed % 2) * (table["1"] > 0).to_numpy()


@pytest.mark.parametrize("around", [None, StandardScaler(), "isotonic"], ids=str)
def test_rows_far_from_a_constant_column_are_no_reason_to_refuse(around, tmp_path) -> None:
    """Such a Gaussian is 1e-9 wide: likelihoods are so small there that any other order of adding gives another row."""
    for seed in range(0, 12, 3 if around else 1):
        features, kind = one_constant(seed)
        model = make_pipeline(around, GaussianNB()) if around != "isotonic" else GaussianNB()
        if around == "isotonic":
            model = CalibratedClassifierCV(model, method="isotonic", cv=3)
        assert export(model.fit(features, kind), features, tmp_path / "model.onnx").exact


def test_where_likelihoods_are_too_small_to_be_told_apart_probabilities_do_not_sum_to_one() -> None:
    features, kind = one_constant(1)
    model = GaussianNB().fit(features, kind)
    rows = features.assign(constant=1e9)
    assert (model.predict_proba(rows) == 1.0).all()
    check_same(model, features, rows)


def test_a_graph_that_is_wrong_by_a_millionth_is_found_beside_a_constant_column() -> None:
    features, kind = one_constant(0)
    model = Fitted(GaussianNB().fit(features, kind))
    columns = describe_columns(model, features)
    graph = convert(model, columns, features)
    places = [at for at, tensor in enumerate(graph.graph.initializer) if numpy_helper.to_array(tensor).size > 2]
    assert len(places) >= 2
    for place in places:
        moved = onnx.ModelProto()
        moved.CopyFrom(graph)
        tensor = moved.graph.initializer[place]
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * (1 + 1e-6), tensor.name))
        sample = Kind(parity.SAMPLE, iter([features.iloc[:20]]))
        assert parity.compare(sample, model, Graph(moved, columns), 1.0, TOLERANCE).too_far
