"""How columns keep moments, what is known of them, and how far they may go."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

import alpenglow
from alpenglow._export.errors import ConversionError, SampleError
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.moments import counts, moments
from alpenglow._export.pipeline.times import kept, of_text
from alpenglow._serve.errors import InputError
from alpenglow._serve.signature import NAT
from tests.export.tracing.test_calendar import KEPT, table

TEXT: dict[str, str] = {
    "days": "%Y-%m-%d",
    "minutes": "%Y-%m-%d %H:%M",
    "seconds": "%Y-%m-%dT%H:%M:%S",
    "fractions": "%Y-%m-%dT%H:%M:%S.%f",
    "UTC": "%Y-%m-%dT%H:%M:%SZ",
}


class Days(TransformerMixin, BaseEstimator):
    """Reads dates from text."""

    def fit(self, X: Any, y: Any = None) -> "Days":
        return self

    def transform(self, X: Any) -> Any:
        return pd.to_datetime(X.iloc[:, 0]).dt.dayofweek.to_frame()


@pytest.mark.parametrize("way", KEPT)
@given(st.lists(st.integers(-(10**15), 10**15) | st.just(NAT), min_size=1, max_size=9))
def test_counts_come_back_as_the_column_keeps_them(way: str, found: list[int]) -> None:
    like = KEPT[way](table()["a"])
    how = kept("when", like)
    assert how
    column = how.column("when")
    given = np.array(found) if how.unit != "D" else np.array([NAT if n == NAT else n // 86_400_000_000 for n in found])
    given = given if how.unit in ("us", "D") else np.array([NAT if n == NAT else n * 1000 for n in found])
    back = moments(given, like, column)
    assert back.dtype == like.dtype
    assert counts(back, column).tolist() == given.tolist()
    assert [type(value) for value in back.dropna()] == [type(like.iloc[0])] * len(back.dropna())


@pytest.mark.parametrize("form", TEXT)
def test_text_is_spelled_as_the_column_spells_it(form: str) -> None:
    like = table()["a"].dt.strftime(TEXT[form])
    how = of_text(like)
    assert how
    column = how.column("when")
    assert moments(counts(like, column), like, column).tolist() == like.tolist()


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01", "soon"],
        ["1.2.2024"],
        ["2024-01-01T00:00+02:00"],
        ["2024-01-01T00:00", "2024-01-01T00:00Z"],
        [None],
        ["", "a"],
    ],
)
def test_other_text_is_none(texts: list[Any]) -> None:
    assert of_text(pd.Series(texts, dtype=object)) is None


@pytest.mark.parametrize("form", TEXT)
def test_text_that_nothing_but_to_datetime_reads_is_a_date(form: str, tmp_path) -> None:
    sample = pd.DataFrame({"when": table()["a"].dt.strftime(TEXT[form]), "x": np.arange(150.0)})
    columns = ColumnTransformer([("d", Days(), ["when"])], remainder="passthrough")
    model = make_pipeline(columns, RandomForestRegressor(5, random_state=0)).fit(sample, np.arange(150) % 7)
    alpenglow.export(model, sample, tmp_path / "days.onnx")
    loaded = alpenglow.load(tmp_path / "days.onnx")
    column = loaded.signature.columns[0]
    assert (column.type, column.time and column.time.unit) == ("datetime", "D" if form == "days" else "us")
    np.testing.assert_array_equal(loaded.predict(sample), model.predict(sample))
    with pytest.raises(InputError, match=r"column 'when': expected a (date|time) as ISO"):
        loaded.predict(sample.assign(when="1.2.2024"))


def test_text_that_is_read_otherwise_too_is_refused_with_what_to_do(tmp_path) -> None:
    sample = pd.DataFrame({"when": table()["a"].dt.strftime("%Y-%m-%d")})
    both = ColumnTransformer([("d", Days(), ["when"]), ("e", OneHotEncoder(handle_unknown="ignore"), ["when"])])
    model = make_pipeline(both, LinearRegression()).fit(sample, np.arange(150.0))
    with pytest.raises(ConversionError, match="it gets dates or durations"):
        alpenglow.export(model, sample, tmp_path / "both.onnx")
    german = pd.DataFrame({"when": table()["a"].dt.strftime("%d.%m.%Y")})
    function = FunctionTransformer(lambda X: pd.to_datetime(X["when"], format="%d.%m.%Y").dt.month.to_frame())
    model = make_pipeline(function, LinearRegression()).fit(german, np.arange(150.0))
    with pytest.raises(ConversionError, match="give the column as datetime64"):
        alpenglow.export(model, german, tmp_path / "german.onnx")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (table()["a"].dt.to_period("M"), r"holds periods: give their beginnings, X\['when'\].dt.to_timestamp()"),
        (
            pd.Series([pd.Timestamp("2024-01-01", tz=z) for z in ("UTC", "Asia/Tokyo")], dtype=object),
            "of several zones",
        ),
        (
            table("us", "Europe/Berlin")["a"].astype("timestamp[us, Europe/Berlin][pyarrow]"),
            "give it as pandas' own type",
        ),
        (pd.Series([pd.Timestamp("2024-01-01"), 3.0], dtype=object), "must be all numbers, all text"),
        (pd.Series([pd.Timestamp("2024-01-01"), pd.Timedelta(1)], dtype=object), "must be all numbers, all text"),
        (pd.Series([pd.Timestamp("2024-01-01").time()] * 2, dtype=object), "must be all numbers, all text"),
    ],
    ids=["periods", "zones", "Arrow's zone", "numbers", "both", "clock times"],
)
def test_what_is_no_such_column_is_refused(values: "pd.Series[Any]", message: str) -> None:
    sample = pd.DataFrame({"when": values})
    model = make_pipeline(FunctionTransformer(lambda X: np.ones((len(X), 1))), LinearRegression())
    fitted = Fitted(model.fit(sample, np.arange(float(len(sample)))))
    with pytest.raises(SampleError, match=message):
        describe_columns(fitted, sample)


SPANS: dict[str, tuple[Callable[[Any], Any], str, str | None, str | None]] = {
    "all": (lambda X: X["a"].dt.year.to_frame(), "us", None, None),
    "two centuries": (
        lambda X: (X["a"] - pd.Timestamp("1900-01-01")).dt.days.to_frame(),
        "ns",
        "1900-01-01T00:00:00",
        "2099-12-31T23:59:59.999999999",
    ),
}


@pytest.mark.parametrize("name", SPANS)
def test_moments_go_as_far_as_pandas_computes(name: str) -> None:
    function, unit, lowest, highest = SPANS[name]
    sample = table(unit)[["a"]]
    model = make_pipeline(FunctionTransformer(function), LinearRegression()).fit(sample, np.arange(150.0))
    (column,) = describe_columns(Fitted(model), sample)
    assert column.time
    assert (column.time.lowest, column.time.highest) == (lowest, highest)
    assert (column.time.minimum, column.time.maximum) == tuple(
        sample["a"].agg(["min", "max"]).map(pd.Timestamp.isoformat)
    )
    assert not column.nullable


def test_both_ends_of_a_difference_are_asked_for() -> None:
    sample = table("ns")[["a", "b"]]
    model = make_pipeline(
        FunctionTransformer(lambda X: (X["a"] - X["b"]).dt.days.fillna(0).to_frame()), LinearRegression()
    )
    columns = describe_columns(Fitted(model.fit(sample, np.arange(150.0))), sample)
    for column in columns:
        assert column.nullable
        assert column.time
        assert column.time.lowest == "1900-01-01T00:00:00"


def test_a_zone_is_known_for_two_centuries() -> None:
    sample = table("us", "Europe/Berlin")[["a"]]
    model = make_pipeline(FunctionTransformer(lambda X: X["a"].dt.hour.to_frame()), LinearRegression())
    (column,) = describe_columns(Fitted(model.fit(sample, np.arange(150.0))), sample)
    assert column.time
    assert (column.time.zone, column.time.lowest) == ("Europe/Berlin", "1900-01-01T00:00:00Z")
    early = pd.DataFrame({"a": pd.Series(pd.to_datetime(["1850-01-01", "2020-01-01"])).dt.tz_localize("Europe/Berlin")})
    with pytest.raises(SampleError, match="beyond the years 1900 to 2099, for which the clocks of Europe/Berlin"):
        describe_columns(Fitted(model), early)


def test_a_file_s_text_is_read_where_the_pipeline_takes_moments_alone(tmp_path) -> None:
    sample = table()[["a"]].assign(name="x")
    columns = ColumnTransformer([("d", FunctionTransformer(lambda X: X["a"].dt.month.to_frame()), ["a"])])
    model = make_pipeline(columns, LinearRegression()).fit(sample, np.arange(150.0))
    sample.to_csv(tmp_path / "rows.csv", index=False)
    alpenglow.export(model, pd.read_csv(tmp_path / "rows.csv"), tmp_path / "months.onnx")
    loaded = alpenglow.load(tmp_path / "months.onnx")
    assert loaded.signature.columns[0].type == "datetime"
    np.testing.assert_allclose(loaded.predict(sample), model.predict(sample), rtol=1e-12)
