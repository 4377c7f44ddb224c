"""Naive Bayes: labels equal; probabilities as far as the order of the additions allows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

from alpenglow._export.errors import ConversionError
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
