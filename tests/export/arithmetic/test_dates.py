"""Parts of dates, as pandas has them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._export.arithmetic import dates
from alpenglow._export.graph.times import DAY, NAT
from tests.export.arithmetic.graphs import made

YEARS = [1, 4, 99, 100, 400, 1600, 1899, 1900, 1969, 1970, 1972, 1999, 2000, 2023, 2024, 2100, 2400, 9999]
IN_NANOSECONDS = range(1678, 2262)


def borders(unit: str) -> list[int]:
    """The first and the last moment of months and days, leap days among them, and their neighbours."""
    firsts = [
        np.datetime64(f"{year:04}-{month:02}-{day:02}").astype(np.int64)
        for year in YEARS
        if unit != "ns" or year in IN_NANOSECONDS
        for month, day in [(1, 1), (2, 28), (3, 1), (6, 30), (12, 28), (12, 31), (12, 30)]
    ]
    return [int(first) * DAY[unit] + more for first in firsts for more in (-1, 0, 1, DAY[unit] // 3)]


def span(unit: str) -> tuple[int, int]:
    """What pandas takes, from year 1 to 9999."""
    if unit == "ns":
        return -(2**63) + 1, 2**63 - 1
    return tuple(int(np.datetime64(text).astype(np.int64)) * DAY[unit] for text in ("0001-01-01", "9999-12-31"))  # type: ignore[return-value]


# pandas 3.1: names that others still use
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated and will be removed")


def series(counts: list[int], unit: str) -> "pd.Series[pd.Timestamp]":
    """As pandas has them; it has no unit of days."""
    wide = np.array(counts, np.int64).astype(f"datetime64[{unit}]")
    return pd.Series(wide.astype("datetime64[s]") if unit == "D" else wide)


@pytest.mark.parametrize("unit", DAY)
@pytest.mark.parametrize("part", [*dates.PARTS, *dates.TESTS])
def test_parts_are_those_of_pandas_on_borders(unit: str, part: str) -> None:
    counts = [*borders(unit), *span(unit), NAT]
    build = (dates.PARTS | dates.TESTS)[part]
    found = made(lambda nodes, x: build(nodes, x, unit), np.array(counts))
    np.testing.assert_array_equal(found, getattr(series(counts, unit).dt, part))


@given(st.data(), st.sampled_from(list(DAY)))
def test_parts_are_those_of_pandas_anywhere(data: st.DataObject, unit: str) -> None:
    counts = data.draw(st.lists(st.integers(*span(unit)) | st.just(NAT), min_size=1, max_size=50))
    real = series(counts, unit)
    build = {**dates.PARTS, **dates.TESTS}[data.draw(st.sampled_from([*dates.PARTS, *dates.TESTS]))]
    name = next(name for name, one in {**dates.PARTS, **dates.TESTS}.items() if one is build)
    found = made(lambda nodes, x: build(nodes, x, unit), np.array(counts))
    np.testing.assert_array_equal(found, getattr(real.dt, name))


@pytest.mark.parametrize("unit", DAY)
def test_weeks_begin_on_monday(unit: str) -> None:
    counts = [*borders(unit), NAT]
    real = series(counts, unit).dt.isocalendar().astype(np.float64)
    for name, build in (("year", dates.isoyear), ("week", dates.isoweek)):
        found = made(lambda nodes, x, build=build: build(nodes, x, unit), np.array(counts))  # type: ignore[misc]
        np.testing.assert_array_equal(found, real[name])
