"""Kernel ridge regression and the kernels it shares with support vector machines."""

import numpy as np
import pandas as pd
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from alpenglow._export.errors import ConversionError
from tests.export.converters.test_linear_model import scaled
from tests.export.helpers import check_same, exported
from tests.tables import diabetes

KERNELS = ["cosine", "laplacian", "linear", "poly", "polynomial", "rbf", "sigmoid"]


@pytest.mark.parametrize("gamma", [None, 0.02])
@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels(kernel, gamma) -> None:
    table = diabetes()
    features = scaled(table.drop(columns=["target", "bmi"]))
    model = KernelRidge(kernel=kernel, gamma=gamma)
    check_same(model.fit(features, table["target"]), features, tolerance=1e-8)
    check_same(model.fit(features, table[["target", "bmi"]]), features, tolerance=1e-8)


@pytest.mark.parametrize("kernel", ["rbf", "laplacian"])
def test_radial_ones_are_closer(kernel) -> None:
    table = diabetes()
    features = scaled(table.drop(columns="target"))
    rows = pd.concat([features, features * 10, features.assign(age=1e300)])
    check_same(KernelRidge(kernel=kernel).fit(features, table["target"]), features, rows, tolerance=1e-11)


def test_rows_of_zeros() -> None:
    table = diabetes()
    features = scaled(table.drop(columns="target"))
    check_same(KernelRidge(kernel="cosine").fit(features, table["target"]), features, features[:3] * 0, tolerance=1e-12)


def test_sparse_rows() -> None:
    table = pd.DataFrame({"a": list("xyzxyzxyy"), "b": list("uuvvwwuvw")})
    model = make_pipeline(OneHotEncoder(), KernelRidge(kernel="rbf")).fit(table, range(9))
    check_same(model, table, tolerance=1e-13)


def test_other_kernels_are_refused() -> None:
    table = diabetes()
    features = table.drop(columns="target")
    model = KernelRidge(kernel=np.dot).fit(features, table["target"])
    check_same(model, features, tolerance=1e-7)
    model.kernel = "chi2"
    with pytest.raises(ConversionError, match="a kernel for which there is no converter"):
        exported(model, features)
