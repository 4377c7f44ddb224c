"""Moments and durations on which a calendar, a clock or a zone turns, and beside these."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.gate.changes import Change
from alpenglow._export.pipeline import zones
from alpenglow._export.pipeline.moments import counts, moments
from alpenglow._export.pipeline.times import kept
from alpenglow._serve.signature import NAT, Column
from alpenglow._serve.times import DAY, SECOND, Taken

Counts = NDArray[np.int64]
MOST_ROWS = 4_000  # of all columns together
LEAST_ROWS = 100  # of each
# Leap years and such as are none, the first and the last of our calendar, and those of other clocks.
YEARS = (1, 1600, 1677, 1900, 1904, 1969, 1970, 1972, 1999, 2000, 2001, 2023, 2024, 2038, 2100, 2262, 2400, 9999)
DAYS = ((1, 1), (1, 3), (2, 28), (2, 29), (3, 1), (3, 31), (4, 30), (7, 1), (9, 30), (12, 28), (12, 31))
RANDOM = 100


def unusual_times(columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """Such values of each column, as far as they are within its limits; of many columns each gets some of them."""
    most = max(LEAST_ROWS, MOST_ROWS // len(columns))
    changes = []
    for turn, column in enumerate(columns):
        values = sample[column.name]
        found = values_of(column, values, most, turn)
        places = np.arange(turn, turn + len(found)) % len(sample)
        changes.append(Change(column.name, places, moments(found, values, column)))
    return changes


def values_of(column: Column, values: "pd.Series[Any]", most: int, seed: int) -> Counts:
    """So many counts at the most: the ends, random ones, and some of the others."""
    random, taken = np.random.default_rng(seed), Taken(column)
    own = counts(values, column)
    present = own[own != NAT]
    least, greatest = (int(present.min()), int(present.max())) if len(present) else (0, 0)
    ends = [taken.lowest, taken.highest, least, greatest]
    turns = np.array(sorted({*(of_durations(taken) if taken.duration else of_moments(column, values, taken, present))}))
    turns = turns[(turns >= taken.lowest) & (turns <= taken.highest)]
    between = [
        *random.integers(least, greatest, RANDOM, endpoint=True).tolist(),
        *random.integers(taken.lowest, taken.highest, RANDOM // 4, endpoint=True).tolist(),
    ]
    rest = random.permutation(turns)[: max(0, most - len(ends) - len(between))]
    return np.array([*ends, *between, *rest.tolist()], np.int64)


def of_moments(column: Column, values: "pd.Series[Any]", taken: Taken, present: Counts) -> Iterator[int]:
    """Borders of years, months and days, and of the clocks of a zone, with what is beside them."""
    day = DAY[taken.unit]
    years = {
        *YEARS,
        *(1970 + int(count // (day * 365.2425)) for count in np.unique(present)[:: max(1, len(present) // 20)]),
    }
    how = kept(column.name, values)
    clocks = zones.offsets_of(how.zone) if how and how.zone else None
    for year in sorted(years):
        for month, dom in DAYS:
            if 1 <= year <= 9999 and (dom != 29 or (year % 4 == 0 and (year % 100 or year % 400 == 0))):
                start = int(np.datetime64(f"{year:04}-{month:02}-{dom:02}").astype(np.int64)) * day
                yield from (start - 1, start, start + 1, start + day // 2, start + day - 1)
    if clocks:
        scale = SECOND[taken.unit]
        for at in clocks.moments.tolist():
            yield from (at * scale + more for more in (-1, 0, 1, 3_599 * scale, 3_600 * scale))
        for offset in set(clocks.offsets.tolist()):  # midnights there
            for count in present[:20].tolist():
                start = (count + offset * scale) // day * day - offset * scale
                yield from (start - 1, start)


def of_durations(taken: Taken) -> Iterator[int]:
    """Borders of days, hours, minutes and seconds, of both signs."""
    sizes = {DAY[taken.unit], *(SECOND.get(taken.unit, 0) * seconds for seconds in (1, 60, 3_600))}
    for size in sizes:
        for count in (0, 1, 2, 7, 30, 365, 10_000):
            yield from (sign * count * size + more for sign in (-1, 1) for more in (-1, 0, 1))
