"""PowerTransformer."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import PowerTransformer

from tests.export.converters.echo import check_transform
from tests.tables import cancer, wine


@pytest.mark.parametrize("standardize", [True, False])
def test_yeo_johnson(standardize) -> None:
    features = wine().drop(columns=["colour", "strong", "target"])
    rows = pd.concat([features, -features, features / 1e9, features * 0], ignore_index=True)
    check_transform(PowerTransformer(standardize=standardize), features, rows, tolerance=1e-13)


@pytest.mark.parametrize("standardize", [True, False])
def test_box_cox(standardize) -> None:
    features = cancer().drop(columns="target").iloc[:, :6] + 0.01
    check_transform(PowerTransformer("box-cox", standardize=standardize), features, tolerance=1e-13)


@pytest.mark.parametrize("lambdas", [(0.0, 2.0), (1e-17, 2 - 1e-17), (1.0, 1e-10), (-3.0, 5.0)])
def test_powers_that_are_logarithms(lambdas) -> None:
    features = wine()[["alcohol", "hue"]] - 13

    values = iter(lambdas)
    transformer = PowerTransformer(standardize=False)
    transformer._yeo_johnson_optimize = lambda x: next(values)
    check_transform(transformer, features, tolerance=1e-13)
    assert np.array_equal(transformer.lambdas_, lambdas)
