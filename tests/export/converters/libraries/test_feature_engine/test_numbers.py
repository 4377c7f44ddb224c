"""Arithmetic, exact where the export says so, else to rounding."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine.creation import CyclicalFeatures, GeoDistanceFeatures, MathFeatures, RelativeFeatures
from feature_engine.scaling import MeanNormalizationScaler
from feature_engine.transformation import (
    ArcSinhTransformer,
    ArcsinTransformer,
    BoxCoxTransformer,
    LogCpTransformer,
    LogTransformer,
    PowerTransformer,
    ReciprocalTransformer,
    YeoJohnsonTransformer,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from alpenglow import export
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.bounds import rounded
from tests.export.converters.echo import Echo, check_transform
from tests.export.converters.libraries.test_feature_engine.tables import NUMBERS, far, homes
from tests.export.helpers import exported

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::FutureWarning")

FUNCTIONS = ["sum", "mean", "min", "max", "prod", "std", "var"]
PLACES = {"lat1": "a", "lon1": "b", "lat2": "c", "lon2": "d"}
ANY = [  # of numbers of every sign and size
    MeanNormalizationScaler(),
    MeanNormalizationScaler(variables=["change", "share"]),
    YeoJohnsonTransformer(),
    ArcSinhTransformer(loc=1.5, scale=0.3, variables=["change", "area"]),
    PowerTransformer(exp=2),
    CyclicalFeatures(variables=["rooms", "share"]),
    CyclicalFeatures(variables=["rooms"], max_values={"rooms": 7}, drop_original=True),
    MathFeatures(["area", "share"], func=FUNCTIONS),
    MathFeatures(["area", "share", "change"], func="mean", drop_original=True),
    MathFeatures(["share", "change", "rooms", "area"], func=["median", "sum"], new_variables_names=["a", "b"]),
    MathFeatures(["share", "change", "rooms"], func="median"),
    RelativeFeatures(["change", "rooms"], ["share", "area"], func=["sub", "add", "mul"]),
    RelativeFeatures(["area"], ["change", "rooms"], func=["div", "truediv", "floordiv", "mod"], fill_value=-3),
]
POSITIVE = [
    LogTransformer(),
    LogTransformer(base="10", variables=["area"]),
    LogCpTransformer(C="auto"),
    LogCpTransformer(C=2.5, base="10"),
    LogCpTransformer(C={"area": 1, "share": 0.25}),
    ReciprocalTransformer(),
    PowerTransformer(),
    PowerTransformer(exp=-1.5),
    BoxCoxTransformer(),
    RelativeFeatures(["area", "rooms"], ["share"], func=["pow", "div"], drop_original=True),
]


@pytest.mark.parametrize("step", ANY, ids=repr)
def test_of_any_numbers(step: Any) -> None:
    table = homes()[NUMBERS].astype(float)
    inexact = rounded([step])
    near = {"change", "rooms"} if inexact else NUMBERS  # what overflows in one of two ways is compared by the gate
    check_transform(step, table, table if inexact else far(table, list(near)), tolerance=2e-14 if inexact else 0.0)


@pytest.mark.parametrize("step", POSITIVE, ids=repr)
def test_of_positive_numbers(step: Any) -> None:
    table = homes()[["share", "area", "rooms"]].astype(float)
    check_transform(step, table, tolerance=2e-14 if rounded([step]) else 0.0)


def test_of_shares() -> None:
    table = pd.DataFrame({"share": np.linspace(0, 1, 501)})
    check_transform(ArcsinTransformer(), table, tolerance=1e-15)


def test_rows_with_gaps() -> None:
    table = homes(0.3)[NUMBERS]
    check_transform(MathFeatures(NUMBERS, func=FUNCTIONS, missing_values="ignore"), table)
    divided = RelativeFeatures(["area"], ["change"], func=["div", "mod"], missing_values="ignore", fill_value=0)
    check_transform(divided, table)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_of_whatever_columns(data: Any) -> None:
    numbers = st.lists(st.integers(-4, 4).map(lambda n: n / 2), min_size=4, max_size=4)
    table = pd.DataFrame(data.draw(st.lists(numbers, min_size=2, max_size=9)), columns=NUMBERS)
    chosen = st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=4, unique=True)
    functions = st.lists(st.sampled_from(FUNCTIONS), min_size=2, max_size=7, unique=True)
    check_transform(MathFeatures(data.draw(chosen), func=data.draw(functions)), table)
    pairs = st.lists(
        st.sampled_from(["add", "sub", "mul", "div", "truediv", "floordiv", "mod"]), min_size=1, unique=True
    )
    step = RelativeFeatures(data.draw(chosen), data.draw(chosen), data.draw(pairs), fill_value=7)
    check_transform(step, table)


def test_many_numbers_are_added_to_rounding() -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 12)), columns=list("abcdefghijkl"))
    step = MathFeatures(list(table), func=["sum", "std"])
    assert rounded([step])
    check_transform(step, table, tolerance=1e-13)


@pytest.mark.parametrize("method", ["haversine", "euclidean", "manhattan"])
@pytest.mark.parametrize("unit", ["km", "miles", "meters", "feet"])
def test_distances(method: str, unit: str) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({name: random.uniform(-90, 90, 60) for name in "abcd"})
    step = GeoDistanceFeatures(**PLACES, method=method, output_unit=unit, drop_original=unit == "km")
    check_transform(step, table, tolerance=1e-13 if method == "haversine" else 0.0)


@pytest.mark.parametrize("func", ["skew", np.prod, "nunique"])
def test_other_functions_of_rows_are_refused(func: Any) -> None:
    table = homes()[NUMBERS]
    steps = make_pipeline(MathFeatures(NUMBERS, func=["sum", func]), Echo()).fit(table)
    with pytest.raises(ConversionError, match="by name are known"):
        exported(steps, table)


def test_remainders_are_compared_where_they_begin_anew(tmp_path) -> None:
    from sklearn.ensemble import RandomForestRegressor

    table = homes()[["area", "change"]]
    step = RelativeFeatures(["area"], ["change"], func=["mod", "floordiv"], fill_value=0)
    pipeline = make_pipeline(step, RandomForestRegressor(5, random_state=0)).fit(table, homes()["share"])
    report = export(pipeline, table, tmp_path / "model.onnx")
    assert {"the border of a decision", "a threshold or edge"} <= {check.what for check in report.checks}
