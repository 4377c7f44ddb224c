"""Gaussian processes. Their weights cancel, so what is left of the digits depends on how large these are."""

import numpy as np
import pandas as pd
import pytest
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)

from alpenglow._export.errors import ConversionError
from tests.export.converters.test_linear_model import LABELS, scaled, wines
from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes

KERNELS = [
    None,
    RBF(3.0),
    RBF([1.0, 2.0, 3.0, 4.0]),
    Matern(3.0, nu=0.5),
    Matern(3.0, nu=1.5),
    Matern(3.0, nu=2.5),
    Matern(3.0, nu=np.inf),
    RationalQuadratic(3.0, 1.5),
    ExpSineSquared(3.0, 50.0),
    DotProduct(1.0),
    DotProduct(1.0) ** 2,
    ConstantKernel(2.0) * RBF(3.0) + ConstantKernel(0.5),
    ConstantKernel(2.0) + WhiteKernel(1.0),
    PairwiseKernel(metric="rbf", gamma=0.1),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_regressors(kernel) -> None:
    table = diabetes()[:60]
    features = scaled(table[["age", "bmi", "bp", "s5"]])
    noisy = (ConstantKernel(1.0) * RBF(1.0) if kernel is None else kernel) + WhiteKernel(100.0)
    model = GaussianProcessRegressor(noisy, optimizer=None, normalize_y=True)
    check_same(model.fit(features, table["target"]), features, features * 2, tolerance=1e-10)
    check_same(model.fit(features, table[["target", "s6"]]), features, tolerance=1e-10)


def test_without_noise() -> None:
    table = diabetes()[:60]
    features = scaled(table[["age", "bmi", "bp", "s5"]])
    model = GaussianProcessRegressor().fit(features, table["target"])
    check_same(model, features, features + 0.1, tolerance=1e-8)


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("kernel", [None, 2.0 * Matern(3.0, nu=1.5) + WhiteKernel(0.1), DotProduct(1.0)], ids=str)
def test_classifiers(kernel, labels) -> None:
    features, kind = wines()
    features, kind = features.iloc[::3, :3], kind[::3]
    model = GaussianProcessClassifier(kernel, optimizer=None).fit(features, np.array(labels)[kind % len(labels)])
    check_same(model, features, pd.concat([features, features * 2]), tolerance=1e-10)


def test_a_fitted_kernel() -> None:
    table = cancer()[:120]
    features = scaled(table[["mean radius", "mean texture", "mean area"]])
    model = GaussianProcessClassifier(1.0 * RBF(1.0)).fit(features, table["target"])
    check_same(model, features, tolerance=1e-10)


def test_what_needs_a_bessel_function_is_refused() -> None:
    table = diabetes()[:50]
    model = GaussianProcessRegressor(Matern(nu=1.0)).fit(table[["bmi"]], table["target"])
    with pytest.raises(ConversionError, match="needs a Bessel function"):
        exported(model, table[["bmi"]])


def test_one_against_one_has_no_probabilities() -> None:
    features, kind = wines()
    model = GaussianProcessClassifier(optimizer=None, multi_class="one_vs_one").fit(features[::5], kind[::5])
    with pytest.raises(ConversionError, match="scikit-learn raises there"):
        exported(model, features)
