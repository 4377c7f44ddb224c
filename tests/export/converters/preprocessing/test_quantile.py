"""QuantileTransformer: on its quantiles, beside them, between them and beyond them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import QuantileTransformer

from tests.export.converters.echo import check_transform
from tests.tables import diabetes, wine


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("count", [2, 10, 100])
def test_quantiles(count, distribution) -> None:
    features = diabetes()[["bmi", "sex", "s5"]].assign(same=2.0)
    transformer = QuantileTransformer(n_quantiles=count, output_distribution=distribution)
    known = transformer.fit(features).quantiles_.ravel()
    at = np.concatenate([known, np.nextafter(known, np.inf), np.nextafter(known, -np.inf), known + 1e-7, known - 1e-7])
    rows = pd.DataFrame({"bmi": at, "sex": at[::-1], "s5": np.roll(at, 7), "same": at})
    tolerance = 0.0 if distribution == "uniform" else 1e-14
    check_transform(transformer, features, pd.concat([features, rows, rows * 1e200, -rows]), tolerance)


def test_missing_values_stay() -> None:
    features = wine()[["alcohol", "hue"]]
    check_transform(QuantileTransformer(n_quantiles=50), features)
    check_transform(QuantileTransformer(n_quantiles=50, output_distribution="normal"), features, tolerance=1e-14)


def test_a_dense_normal() -> None:
    features = pd.DataFrame({"x": np.linspace(-3.0, 5.0, 2001)})
    rows = pd.DataFrame({"x": np.linspace(-3.0, 5.0, 20011)})
    check_transform(QuantileTransformer(output_distribution="normal"), features, rows, tolerance=1e-14)
