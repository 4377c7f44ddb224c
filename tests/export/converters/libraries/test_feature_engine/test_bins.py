"""Bins, caps and trees: numbers on their edges and beside them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine.creation import DecisionTreeFeatures
from feature_engine.discretisation import (
    ArbitraryDiscretiser,
    DecisionTreeDiscretiser,
    EqualFrequencyDiscretiser,
    EqualWidthDiscretiser,
    GeometricWidthDiscretiser,
)
from feature_engine.encoding import OrdinalEncoder
from feature_engine.outliers import ArbitraryOutlierCapper, OutlierTrimmer, Winsorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder as Codes

from alpenglow import export
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.converters.echo import Echo
from tests.export.converters.libraries.test_feature_engine.tables import NUMBERS, far, homes, target
from tests.export.helpers import check_same, exported

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

CODES = Codes(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
EDGES = {"area": [0, 20, 50.5, 200], "change": [-2, 0, 0.1]}
TREES: dict[str, Any] = {"cv": 2, "random_state": 0}
STEPS = [
    EqualWidthDiscretiser(bins=4),
    EqualFrequencyDiscretiser(q=5, variables=["change", "share"]),
    GeometricWidthDiscretiser(bins=4, variables=["area", "rooms"]),
    ArbitraryDiscretiser(EDGES),
    make_pipeline(EqualWidthDiscretiser(bins=3, return_object=True), OrdinalEncoder(encoding_method="arbitrary")),
    make_pipeline(EqualFrequencyDiscretiser(q=3, return_boundaries=True, precision=2), CODES),
    make_pipeline(ArbitraryDiscretiser(EDGES, return_boundaries=True), CODES),
    DecisionTreeDiscretiser(regression=True, **TREES),
    DecisionTreeDiscretiser(regression=False, precision=2, **TREES),
    DecisionTreeDiscretiser(regression=False, bin_output="bin_number", **TREES),
    make_pipeline(DecisionTreeDiscretiser(bin_output="boundaries", precision=3, regression=False, **TREES), CODES),
    DecisionTreeFeatures(regression=True, variables=["area", "share"], **TREES),
    DecisionTreeFeatures(regression=False, features_to_combine=2, drop_original=True, precision=1, **TREES),
    Winsorizer(fold=1),
    Winsorizer(capping_method="iqr", tail="both", fold=0.5, add_indicators=True, variables=["change", "area"]),
    Winsorizer(capping_method="quantiles", tail="left", add_indicators=True),
    Winsorizer(capping_method="mad", tail="both", fold=1, missing_values="ignore"),
    ArbitraryOutlierCapper({"area": 60, "rooms": 5}, {"change": -1.5}),
]


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_on_every_edge(step: Any) -> None:
    table = homes()[NUMBERS].astype(float)
    goal = homes()["change"] * 2 + homes()["share"] if "regression=False" not in repr(step) else target(table)
    steps = make_pipeline(step, Echo()).fit(table, goal)
    moved, reached, edges = boundary_rows(Fitted(steps), Rows(table, NUMBERS))
    assert reached > 0.5 * edges or "OrdinalEncoder" in repr(step)  # which counts the bins, and their edges are reached
    rows = moved if "Tree" in repr(step) else pd.concat([moved, far(table, NUMBERS)], ignore_index=True)
    check_same(steps, table, rows)


def test_several_classes() -> None:
    table, goal = homes()[NUMBERS].astype(float), np.array(["a", "b", "c"])[homes()["rooms"] % 3]
    numbered = make_pipeline(DecisionTreeFeatures(regression=False, variables=["rooms", "share"], **TREES), Echo())
    check_same(numbered.fit(table, homes()["rooms"] % 3), table)
    named = make_pipeline(DecisionTreeFeatures(regression=False, variables=["rooms"], **TREES), CODES, Echo())
    check_same(named.fit(table, goal), table)


@pytest.mark.parametrize("step", [Winsorizer(missing_values="ignore", tail="both", add_indicators=True)], ids=repr)
def test_gaps_stay(step: Any) -> None:
    table = homes(0.2)[NUMBERS]
    check_same(make_pipeline(step, Echo()).fit(table), table)


def test_the_edges_are_compared(tmp_path) -> None:
    table = homes()[NUMBERS]
    pipeline = make_pipeline(EqualWidthDiscretiser(bins=7), LinearRegression()).fit(table, homes()["area"])
    report = export(pipeline, table, tmp_path / "model.onnx")
    assert next(check for check in report.checks if check.what == "a threshold or edge").rows > 4 * 6


def test_what_drops_rows_is_refused() -> None:
    table = homes()[NUMBERS]
    steps = make_pipeline(OutlierTrimmer(variables=["area"]), Echo())
    steps.steps[0][1].fit(table)
    steps.steps[1][1].fit(table)
    with pytest.raises(ConversionError, match="drops rows"):
        exported(steps, table)
