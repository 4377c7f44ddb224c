"""What clocks show, as pandas has it."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._export.arithmetic import clocks
from alpenglow._export.graph.times import DAY, NAT, SECOND
from alpenglow._export.pipeline import zones
from tests.export.arithmetic.graphs import made
from tests.export.arithmetic.test_dates import borders, series

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "UTC",
    "Pacific/Apia",
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", ["s", "ns"])
def test_clocks_of_zones_are_those_of_pandas(zone: str, unit: str) -> None:
    known = ZoneInfo(zone)
    random = np.random.default_rng(0).integers(-2_208_988_800, 4_102_444_800, 500).tolist()
    seconds = [*random, *(at + more for at in zones.changes(known) for more in (-1, 0, 1, 3599, 3600))]
    counts = [*(at * SECOND[unit] for at in seconds if -2_208_988_800 <= at < 4_102_444_800), NAT]
    shown = made(lambda nodes, x: clocks.local(nodes, x, unit, known), np.array(counts))
    real = pd.Series(np.array(counts).view(f"datetime64[{unit}]")).dt.tz_localize("UTC").dt.tz_convert(known)
    np.testing.assert_array_equal(shown, real.dt.tz_localize(None).to_numpy().astype(np.int64))


@given(st.data(), st.sampled_from(list(SECOND)))
def test_seconds_are_divided_as_pandas_does(data: st.DataObject, unit: str) -> None:
    most = 2**63 - 1 if unit == "ns" else 10**11 * SECOND[unit] // 10**6
    near = st.builds(
        lambda full, more: max(-most, min(most, full * SECOND[unit] + more)),
        *(st.integers(-(10**10), 10**10), st.integers(-2, 2)),
    )
    counts = data.draw(st.lists(st.integers(-most, most) | near | st.just(NAT), min_size=1))
    found = made(lambda nodes, x: clocks.seconds(nodes, x, unit), np.array(counts))
    real = pd.Series(np.array(counts, np.int64).view(f"timedelta64[{unit}]")).dt.total_seconds()
    np.testing.assert_array_equal(found, real)


@pytest.mark.parametrize("unit", DAY)
def test_midnight_is_where_a_day_begins(unit: str) -> None:
    counts = [*borders(unit), NAT]
    found = made(lambda nodes, x: clocks.midnight(nodes, x, unit), np.array(counts))
    real = series(counts, unit).dt.normalize().to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)
    np.testing.assert_array_equal(found, real)
