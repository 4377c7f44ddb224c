"""Support vector machines: libsvm's labels, its votes and its ties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import SGDOneClassSVM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from tests.export.converters.test_linear_model import LABELS, scaled, wines
from tests.export.helpers import check_same
from tests.tables import cancer, diabetes

KERNELS = ["linear", "poly", "rbf", "sigmoid"]


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("kernel", KERNELS)
def test_classifiers(kernel, labels) -> None:
    features, kind = wines()
    model = SVC(kernel=kernel, coef0=0.5).fit(features, np.array(labels)[kind % len(labels)])
    check_same(model, features, pd.concat([features, features * 3]), tolerance=1e-11)


@pytest.mark.parametrize(
    "options", [{"decision_function_shape": "ovo"}, {"break_ties": True}, {"gamma": 50.0}], ids=str
)
@pytest.mark.parametrize("kind", [SVC, NuSVC])
def test_options_for_several_classes(kind, options) -> None:
    features, known = wines()
    model = kind(**options, **({"nu": 0.1} if kind is NuSVC else {})).fit(features, known)
    check_same(model, features, pd.concat([features, features * 3]), tolerance=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("kind", [SVR, NuSVR])
def test_regressors(kind, kernel) -> None:
    table = diabetes()
    features = scaled(table.drop(columns="target"))
    check_same(kind(kernel=kernel).fit(features, table["target"]), features, tolerance=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_outliers(kernel) -> None:
    features = scaled(diabetes().drop(columns="target"))
    model = OneClassSVM(kernel=kernel, nu=0.1).fit(features)
    check_same(model, features, pd.concat([features, features * 2]), tolerance=1e-9)


def test_outliers_by_gradient_descent() -> None:
    features = scaled(diabetes().drop(columns="target"))
    check_same(SGDOneClassSVM(random_state=0).fit(features), features, tolerance=1e-12)


def test_on_the_border_of_two_classes_the_second_wins() -> None:
    features = pd.DataFrame({"a": [-1.0, 1.0]})
    model = SVC(kernel="linear").fit(features, ["left", "right"])
    assert model.decision_function(pd.DataFrame({"a": [0.0]})) == 0
    check_same(model, features, pd.DataFrame({"a": [0.0, -1e-300, 1e-300]}))


def test_on_the_border_of_one_class_is_outside() -> None:
    features = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    model = OneClassSVM(kernel="linear").fit(features)
    border = -model._intercept_[0] / model.coef_[0, 0]
    beside = [border, np.nextafter(border, 9), np.nextafter(border, 0), 0.0]
    check_same(model, features, pd.DataFrame({"a": beside}), tolerance=1e-12)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 5), width=st.integers(1, 6), ties=st.booleans())
def test_rows_on_a_grid(seed: int, classes: int, width: int, ties: bool) -> None:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.normal(size=(40, width)).round(1)).rename(columns=str)
    model = SVC(break_ties=ties).fit(rows, np.arange(40) % classes)
    check_same(model, rows, tolerance=1e-11)


def test_far_away_a_radial_kernel_is_zero() -> None:
    table = cancer()
    features = scaled(table.drop(columns="target"))
    rows = pd.concat([features[:1]] * 6, ignore_index=True)
    rows.iloc[:, 3] = [1e308, -1e308, 1e200, -1e155, 1e60, 1e9]
    check_same(SVC().fit(features, table["target"]), features, rows, tolerance=1e-15)


def test_sparse_rows() -> None:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({name: random.choice(list("abcd"), 90) for name in "uvw"})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), SVC()).fit(rows, (rows == "a").sum(axis=1))
    check_same(model, rows, tolerance=1e-12)


def test_a_kernel_that_is_computed_beforehand() -> None:
    features, known = (part[::4] for part in wines())
    kernel = (features @ features.T).rename(columns=str)
    check_same(SVC(kernel="precomputed").fit(kernel, known), kernel, tolerance=1e-12)


def test_a_kernel_in_python() -> None:
    features, known = wines()
    check_same(SVC(kernel=lambda x, y: x @ y.T).fit(features, known), features, tolerance=1e-12)


@pytest.mark.parametrize("gamma", [100.0, 1e4])
def test_support_vectors_far_from_the_rest(gamma) -> None:
    features, known = wines()
    features.iloc[::20] *= 1e6
    model = SVC(gamma=gamma, C=100.0).fit(features, known)
    check_same(model, features, pd.concat([features, features * (1 + 1e-9)]), tolerance=1e-12)
