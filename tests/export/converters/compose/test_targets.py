"""Targets and their transformation, forth at fitting and back at predicting."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes

FOREST = RandomForestRegressor(5, max_depth=4, random_state=0)


@pytest.mark.parametrize(
    "transformer", [None, MaxAbsScaler(), MinMaxScaler(), RobustScaler(), StandardScaler(with_mean=False)], ids=str
)
def test_scaling_is_exact(transformer) -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    check_same(TransformedTargetRegressor(FOREST, transformer=transformer).fit(features, truth), features)


@pytest.mark.parametrize("method", ["box-cox", "yeo-johnson"])
@pytest.mark.parametrize("standardize", [True, False])
def test_powers(method, standardize) -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()[["target", "bmi"]]
    transformer = PowerTransformer(method, standardize=standardize)
    model = TransformedTargetRegressor(FOREST, transformer=transformer)
    check_same(model.fit(features, truth), features, tolerance=1e-12)
    if method == "yeo-johnson":
        check_same(model.fit(features, truth - truth.mean()), features, tolerance=1e-12)
        model.transformer_.lambdas_ = np.array([0.0, 2.0])
        check_same(model, features, tolerance=1e-12)


@pytest.mark.parametrize(
    ("function", "inverse"),
    [(np.log1p, np.expm1), (np.log, np.exp), (np.sqrt, np.square), (np.square, np.sqrt), (np.negative, np.negative)],
)
def test_functions_of_numpy(function, inverse) -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    model = TransformedTargetRegressor(FOREST, func=function, inverse_func=inverse).fit(features, truth)
    check_same(model, features, tolerance=1e-12)


def test_one_after_the_other() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    steps = make_pipeline(FunctionTransformer(np.log1p, inverse_func=np.expm1), StandardScaler())
    check_same(TransformedTargetRegressor(FOREST, transformer=steps).fit(features, truth), features, tolerance=1e-12)


def test_what_no_graph_can() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    model = TransformedTargetRegressor(FOREST, func=np.sqrt, inverse_func=np.cbrt, check_inverse=False)
    with pytest.raises(ConversionError, match=r"cannot be exported: cbrt: numpy\.cbrt of float64 is none"):
        exported(model.fit(features, truth), features)
    model = TransformedTargetRegressor(FOREST, transformer=QuantileTransformer(n_quantiles=50)).fit(features, truth)
    with pytest.raises(ConversionError, match="its target transformer QuantileTransformer cannot be inverted"):
        exported(model, features)
