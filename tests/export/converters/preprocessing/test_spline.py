"""SplineTransformer: on knots, between them and beyond them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import exported
from tests.tables import diabetes, wine


@pytest.mark.parametrize("knots", ["uniform", "quantile"])
@pytest.mark.parametrize("extrapolation", ["constant", "linear", "continue", "periodic", "error"])
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_splines(degree, extrapolation, knots) -> None:
    features = diabetes()[["bmi", "s5", "age"]]
    if degree == 1 and extrapolation == "linear":
        features = features[["bmi"]]
    transformer = SplineTransformer(6, degree, extrapolation=extrapolation, knots=knots)
    edges = np.concatenate([spline.t for spline in transformer.fit(features).bsplines_])
    at = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)])
    rows = pd.concat([features, pd.DataFrame({"bmi": at, "s5": at[::-1], "age": np.roll(at, 5)})])[features.columns]
    check_transform(transformer, features, features if extrapolation == "error" else rows, tolerance=1e-12)


@pytest.mark.parametrize("options", [{"include_bias": False}, {"sparse_output": True}, {"order": "F"}], ids=str)
def test_options(options) -> None:
    check_transform(SplineTransformer(**options), diabetes()[["bmi", "age"]], tolerance=1e-14)


def test_missing_values_become_zeros() -> None:
    check_transform(SplineTransformer(handle_missing="zeros"), wine()[["alcohol", "hue"]], tolerance=1e-14)


def test_lines_from_the_wrong_knots_are_refused() -> None:
    """scikit-learn 1.9 counts the degree up in its loop over the columns."""
    features = diabetes()[["bmi", "age"]]
    pipeline = make_pipeline(SplineTransformer(degree=1, extrapolation="linear"), Echo()).fit(features)
    with pytest.raises(ConversionError, match="for which scikit-learn mistakes the knots"):
        exported(pipeline, features)
