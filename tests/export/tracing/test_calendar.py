"""Moments and durations: whatever is recorded gives what pandas gives, on borders of calendars and clocks."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.times import values_of
from alpenglow._export.pipeline.moments import moments
from alpenglow._export.pipeline.times import kept
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import exported

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated and will be removed")
SINCE = pd.Timestamp("2020-01-01")
UNITS = ("s", "ms", "us", "ns")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC+05:30")


def table(unit: str = "us", zone: str | None = None) -> pd.DataFrame:
    """Two columns of moments, one with gaps, and one of durations with gaps."""
    random = np.random.default_rng(0)
    when = pd.Series(pd.Timestamp("2015-06-01") + pd.to_timedelta(random.integers(0, 10**8 * 3, 150), unit="s"))
    frame = pd.DataFrame({"a": when, "b": when.sample(frac=1, random_state=0).reset_index(drop=True)})
    frame["d"] = pd.to_timedelta(random.integers(-(10**6), 10**6, 150), unit="s")
    frame = frame.apply(lambda column: column.dt.as_unit(unit))  # type: ignore[arg-type]
    frame.loc[::7, "b"] = pd.NaT
    frame.loc[::5, "d"] = pd.NaT
    if zone:
        frame["a"], frame["b"] = (frame[name].dt.tz_localize("UTC").dt.tz_convert(zone) for name in ("a", "b"))
    return frame


def borders(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame's rows, each column with what lies beside turns of the calendar and of clocks, from 1900 to 2099."""
    made = {}
    for name, values in frame.items():
        how = kept(str(name), values)
        assert how
        column = how.column(str(name))
        found = moments(values_of(column, values, 600, 0), values, column)
        low, high = (pd.Timestamp(year, 1, 2, tz=how.zone) for year in (1901, 2099))
        inside = found.abs() < pd.Timedelta(days=9_999) if how.duration else (found > low) & (found < high)
        made[name] = found[inside].reset_index(drop=True)
    count = min(map(len, made.values()))
    return pd.DataFrame({name: values[:count] for name, values in made.items()})


FIELDS = (
    *("year", "month", "day", "dayofweek", "dayofyear", "hour", "minute", "second", "quarter", "microsecond"),
    *("is_month_start", "is_month_end", "is_quarter_end", "is_year_start", "is_leap_year", "days_in_month"),
)


def fields(df: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: getattr(df["b"].dt, name).astype(float) for name in FIELDS})


FUNCTIONS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "fields": fields,
    "weeks": lambda df: df["a"].dt.isocalendar().astype("float64"),
    "circles": lambda df: pd.DataFrame({"s": np.sin(2 * np.pi * df["b"].dt.month / 12), "h": np.cos(df["b"].dt.hour)}),
    "arithmetic of a field": lambda df: ((df["b"].dt.year - 2000) * 12 + df["b"].dt.month).to_frame(),
    "difference to a constant": lambda df: (df["b"] - SINCE).dt.days.to_frame(),
    "constant before": lambda df: (SINCE - df["b"]).dt.total_seconds().to_frame(),
    "difference of columns": lambda df: ((df["b"] - df["a"]) / pd.Timedelta(days=1)).to_frame(),
    "quotients": lambda df: pd.DataFrame(
        {"q": df["d"] // pd.Timedelta(hours=7), "r": df["d"] / np.timedelta64(3, "h")}
    ),
    "remainder": lambda df: (df["d"] % pd.Timedelta(minutes=11)).dt.total_seconds().to_frame(),
    "parts of durations": lambda df: pd.DataFrame(
        {n: getattr(df["d"].dt, n) for n in ("days", "seconds", "microseconds")}
    ),
    "sums": lambda df: (df["b"] + df["d"] - pd.Timedelta(days=3)).dt.dayofyear.to_frame(),
    "signs": lambda df: pd.DataFrame({"n": (-df["d"]).dt.days, "a": abs(df["d"]).dt.total_seconds()}),
    "comparisons": lambda df: pd.DataFrame(
        {"l": df["b"] < SINCE, "t": df["b"] >= "2019-03-01", "c": df["a"] > df["b"]}
    ),
    "equality": lambda df: pd.DataFrame({"e": df["a"] == df["b"], "n": df["a"] != df["b"], "d": df["d"] == "1 days"}),
    "between": lambda df: df["b"].between("2018-01-01", pd.Timestamp("2021-01-01")).to_frame(),
    "gaps": lambda df: pd.DataFrame({"m": df["b"].isna(), "f": df["b"].fillna(SINCE).dt.year, "k": df["d"].notna()}),
    "where": lambda df: df["b"].where(df["a"] > SINCE, df["a"]).dt.hour.to_frame(),
    "mask": lambda df: df["b"].mask(df["a"] > SINCE).dt.hour.to_frame(),
    "np.where": lambda df: np.where(df["b"] > SINCE, df["a"].dt.year, df["b"].dt.month)[:, np.newaxis],
    "clip": lambda df: df["b"].clip(pd.Timestamp("2018-01-01"), SINCE).dt.dayofyear.to_frame(),
    "the later one": lambda df: df[["a", "b"]].max(axis=1).dt.dayofyear.to_frame(),
    "midnight": lambda df: (df["b"] - df["b"].dt.normalize()).dt.total_seconds().to_frame(),
    "floor": lambda df: (df["b"] - df["b"].dt.floor("6h")).dt.total_seconds().to_frame(),
    "integers": lambda df: (df["a"].astype("int64") // 3600 % 7).to_frame(),
    "units": lambda df: df["b"].astype("datetime64[s]").dt.second.to_frame(),
    "arrays": lambda df: ((df["a"].values - df["b"].values) / np.timedelta64(1, "h"))[:, np.newaxis],
    "read again": lambda df: pd.to_datetime(df["b"]).dt.month.to_frame(),
    "days alone": lambda df: pd.to_datetime(df["a"].dt.date).dt.dayofweek.to_frame(),
    "a dictionary": lambda df: df["b"].dt.dayofweek.map({0: 1.5, 6: 2.5}).to_frame(),
    "apply": lambda df: df[["a", "b"]].apply(lambda column: column.dt.month),
    "zone and back": lambda df: df["b"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin").dt.hour.to_frame(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_what_is_recorded_is_what_pandas_gives(name: str, unit: str) -> None:
    frame = table(unit)
    rows = borders(frame)
    check_transform(FunctionTransformer(FUNCTIONS[name]), frame, pd.concat([frame, rows], ignore_index=True))


ZONED: dict[str, Callable[[pd.DataFrame], Any]] = {
    "fields": fields,
    "local": lambda df: df["b"].dt.tz_localize(None).dt.hour.to_frame(),
    "elsewhere": lambda df: df["b"].dt.tz_convert("Australia/Lord_Howe").dt.minute.to_frame(),
    "UTC": lambda df: df["b"].dt.tz_convert("UTC").dt.dayofyear.to_frame(),
    "difference": lambda df: (df["a"] - df["b"]).dt.total_seconds().to_frame(),
    "comparisons": lambda df: pd.DataFrame({"t": df["b"] > "2018-04-01", "u": df["b"] < pd.Timestamp(SINCE, tz="UTC")}),
    "weekend": lambda df: df["b"].dt.dayofweek.isin([5, 6]).to_frame(),
}


@pytest.mark.parametrize("name", ZONED)
@pytest.mark.parametrize("zone", ZONES)
def test_zones_show_what_their_clocks_show(name: str, zone: str) -> None:
    frame = table("us", zone)
    rows = borders(frame)
    check_transform(FunctionTransformer(ZONED[name]), frame, pd.concat([frame, rows], ignore_index=True))


@settings(max_examples=25)
@given(
    st.lists(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)) | st.none(), min_size=1, max_size=40),
    st.sampled_from([name for name in FUNCTIONS if name not in ("integers",)]),
)
def test_any_moments_give_what_pandas_gives(values: list[datetime | None], name: str) -> None:
    frame = table()
    whole = pd.Series(pd.to_datetime(values)).astype("datetime64[us]")
    rows = pd.DataFrame({"a": frame["a"].iloc[np.arange(len(whole)) % 150].to_numpy(), "b": whole})
    rows["d"] = frame["d"].iloc[: len(whole)].to_numpy()
    check_transform(FunctionTransformer(FUNCTIONS[name]), frame, rows)


KEPT: dict[str, Callable[["pd.Series[Any]"], Any]] = {
    "dates": lambda when: when.dt.date,
    "datetimes": lambda when: pd.Series(list(when.dt.to_pydatetime()), dtype=object),
    "timestamps": lambda when: pd.Series(list(when), dtype=object),
    "datetimes with a zone": lambda when: pd.Series(list(when.dt.tz_localize("UTC").dt.to_pydatetime()), dtype=object),
    "NumPy's objects": lambda when: pd.Series(list(when.to_numpy()), dtype=object),
    "Arrow's moments": lambda when: when.astype("timestamp[us][pyarrow]"),
    "Arrow's dates": lambda when: when.astype("timestamp[us][pyarrow]").astype("date32[pyarrow]"),
}


@pytest.mark.parametrize("way", KEPT)
@pytest.mark.parametrize("gaps", [False, True])
def test_it_does_not_matter_how_moments_are_kept(way: str, gaps: bool) -> None:
    sample = pd.DataFrame({"when": KEPT[way](table()["a"])})
    if gaps:
        sample.loc[::3, "when"] = None
    function = FunctionTransformer(lambda df: fields(pd.DataFrame({"b": pd.to_datetime(df["when"])})))
    check_transform(function, sample, sample)


def test_a_step_hands_moments_on() -> None:
    frame = table("us", "Europe/Berlin")
    first = FunctionTransformer(lambda df: df.assign(late=df["a"] + df["d"]))
    both = FunctionTransformer(lambda df: pd.DataFrame({"h": df["late"].dt.hour, "d": df["d"].dt.days}))
    check_transform(make_pipeline(first, both), frame)


@pytest.mark.parametrize("spelled", [lambda df: df["a"].dt.month.astype(str), lambda df: df["a"].dt.day_name()])
def test_parts_are_spelled(spelled: Callable[[pd.DataFrame], Any]) -> None:
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    check_transform(make_pipeline(FunctionTransformer(lambda df: spelled(df).to_frame()), encoder), table()[["a"]])


REFUSED: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "now": (
        lambda df: (pd.Timestamp.now() - df["a"]).dt.days.to_frame(),
        r"`pd.Timestamp.now\(\)`: it asks which time",
    ),
    "datetime.now": (lambda df: (datetime.now() - df["a"]).dt.days.to_frame(), "it asks which time it is"),
    "today": (lambda df: (pd.Timestamp(date.today()) - df["a"]).dt.days.to_frame(), "it asks which time it is"),
    "periods": (
        lambda df: df["a"].dt.to_period("M").dt.year.to_frame(),
        "dt.to_period is none of what can be recorded",
    ),
    "strftime": (lambda df: df["a"].dt.strftime("%Y").astype(float).to_frame(), "dt.strftime is none"),
    "rounding": (lambda df: df["a"].dt.round("D").dt.day.to_frame(), "dt.round is none"),
    "each value": (
        lambda df: df["a"].map(lambda value: value.year).to_frame(),
        "calls a Python function|looks times up",
    ),
    "other rows": (lambda df: (df["a"] - df["a"].min()).dt.days.to_frame(), "another value for each request"),
    "times a number": (lambda df: (df["d"] * 2).dt.days.to_frame(), "of durations and numbers"),
    "to numbers": (lambda df: df["d"].to_numpy().astype(float)[:, None], "floating-point numbers of dates"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_recorded_is_refused_with_its_place(name: str) -> None:
    function, message = REFUSED[name]
    pipeline = make_pipeline(FunctionTransformer(function), Echo()).fit(table()[["a", "d"]].dropna())
    with pytest.raises(ConversionError, match=message):
        exported(pipeline, table()[["a", "d"]].dropna())


def test_midnight_in_a_zone_that_puts_its_clocks_back_is_refused() -> None:
    frame = table("us", "Europe/Berlin")
    pipeline = make_pipeline(FunctionTransformer(lambda df: df["a"].dt.normalize().dt.hour.to_frame()), Echo()).fit(
        frame
    )
    with pytest.raises(ConversionError, match=r"times in Europe/Berlin: .dt.tz_localize\(None\) before"):
        exported(pipeline, frame)


@pytest.mark.parametrize("step", [StandardScaler(), OrdinalEncoder(), OneHotEncoder(sparse_output=False)])
def test_steps_that_take_dates_for_something_else_are_refused(step: Any) -> None:
    sample = table()[["a"]]
    pipeline = make_pipeline(step, Echo()).fit(sample)
    with pytest.raises(ConversionError, match="it gets dates or durations: make numbers of them in a step before"):
        exported(pipeline, sample)
