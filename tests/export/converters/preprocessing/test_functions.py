"""FunctionTransformer: functions of NumPy's, near zero, far out and where they have no value."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export.converters.preprocessing.functions import FUNCTIONS
from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import check_transform
from tests.export.helpers import exported
from tests.tables import diabetes

EXACT = (np.abs, np.fabs, np.ceil, np.floor, np.negative, np.reciprocal, np.rint, np.sign, np.sqrt, np.square)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_functions(function) -> None:
    sizes = np.concatenate([np.logspace(-320, 308, 1500), np.linspace(0, 40, 1001), [0.5, 1.5, 2.5, np.inf, np.nan]])
    rows = pd.DataFrame({"bmi": np.concatenate([sizes, -sizes])})
    check_transform(FunctionTransformer(function), rows, tolerance=0.0 if function in EXACT else 2e-15)


def test_no_function() -> None:
    check_transform(FunctionTransformer(), diabetes()[["bmi", "age"]])


def test_what_no_graph_can() -> None:
    features = diabetes()[["bmi"]]

    def halved(x):
        return x / 2

    pipeline = make_pipeline(FunctionTransformer(halved), LinearRegression()).fit(features, diabetes()["target"])
    with pytest.raises(ConversionError, match="it calls the Python function 'halved', which no graph can"):
        exported(pipeline, features)
