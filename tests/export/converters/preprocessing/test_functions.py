"""FunctionTransformer: functions of NumPy's, near zero, far out and where they have no value."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export.arithmetic.functions import FUNCTIONS
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import exported
from tests.tables import diabetes

EXACT = (np.abs, np.fabs, np.ceil, np.floor, np.negative, np.reciprocal, np.rint, np.sign, np.sqrt, np.square)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_functions(function) -> None:
    sizes = np.concatenate(
        [
            np.logspace(-320, 308, 1500),
            np.linspace(0, 40, 1001),
            np.linspace(0, 1, 501),
            [0.5, 1.5, 2.5, np.inf, np.nan],
        ]
    )
    rows = pd.DataFrame({"bmi": np.concatenate([sizes, -sizes])})
    check_transform(FunctionTransformer(function), rows, tolerance=0.0 if function in EXACT else 2e-15)


def test_no_function() -> None:
    check_transform(FunctionTransformer(), diabetes()[["bmi", "age"]])


def test_cosines_next_to_zero_keep_their_sign_and_size() -> None:
    angles = pd.DataFrame({"angle": np.concatenate([2 * np.pi * np.arange(-36, 37) / 12, np.pi / 2 * np.arange(99)])})
    pipeline = make_pipeline(FunctionTransformer(np.cos), Echo()).fit(angles)
    _, graph = exported(pipeline, angles)
    np.testing.assert_allclose(graph.predict(angles)["prediction"], np.cos(angles), rtol=1e-6, atol=0)
