"""Parts of dates, and time between them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine.datetime import DatetimeFeatures, DatetimeOrdinal, DatetimeSubtraction
from feature_engine.imputation import AddMissingIndicator
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from alpenglow import export
from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo
from tests.export.helpers import exported

FOREST = RandomForestClassifier(5, random_state=0)


def visits() -> pd.DataFrame:
    """Two dates and a number."""
    random = np.random.default_rng(0)
    start = pd.Timestamp("2020-02-20 10:00") + pd.to_timedelta(pd.Series(random.integers(0, 10**8, 90)), unit="s")
    stay = pd.to_timedelta(pd.Series(random.integers(0, 10**7, 90)), unit="s")
    return pd.DataFrame({"start": start, "end": start + stay, "price": random.normal(size=90)})


STEPS = [
    DatetimeFeatures(features_to_extract="all", variables=["start"]),
    DatetimeFeatures(drop_original=True),
    DatetimeSubtraction("end", "start", drop_original=True),
    DatetimeSubtraction("end", "start", output_unit="h", drop_original=True),
]


@pytest.mark.parametrize("step", STEPS, ids=range(len(STEPS)))
def test_behind_a_forest(step: Any, tmp_path) -> None:
    table = visits() if len(step.variables or "no") > 1 or hasattr(step, "reference") else visits().drop(columns="end")
    pipeline = make_pipeline(step, FOREST).fit(table, table["price"] > 0)
    report = export(pipeline, table, tmp_path / "model.onnx")
    assert report.different_labels == 0
    assert "a date, time or duration beside a border" in [check.what for check in report.checks]


def test_dates_in_text(tmp_path) -> None:
    table = visits().assign(start=visits()["start"].dt.strftime("%Y-%m-%d")).drop(columns="end")
    pipeline = make_pipeline(DatetimeFeatures(variables=["start"]), FOREST).fit(table, table["price"] > 0)
    assert export(pipeline, table, tmp_path / "model.onnx").different_labels == 0


def test_gaps_are_told(tmp_path) -> None:
    table = visits().drop(columns="end").mask(lambda frame: frame["price"] > 1)
    steps = make_pipeline(AddMissingIndicator(), DatetimeFeatures(missing_values="ignore"), FOREST)
    pipeline = steps.fit(table, np.arange(90) % 2)
    assert export(pipeline, table, tmp_path / "model.onnx").different_labels == 0


def test_ordinals_are_refused() -> None:
    table = visits()[["start", "price"]]
    pipeline = make_pipeline(DatetimeOrdinal(), Echo()).fit(table)
    with pytest.raises(ConversionError, match="DatetimeSubtraction"):
        exported(pipeline, table)
