"""When a zone's clocks are put forward or back, as pandas has it, for a bounded range of years."""

from collections.abc import Iterator
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIRST, LAST = 1900, 2099  # the years for which it is known
STEP = 6 * 3600  # seconds in which clocks are not put forth and back


class Offsets(NamedTuple):
    """What is added to UTC, in seconds: `offsets` `[T + 1]`, each from the one of `moments` `[T]` before it on."""

    moments: NDArray[np.int64]
    offsets: NDArray[np.int64]


@lru_cache
def offsets_of(zone: tzinfo) -> Offsets:
    """Those of a zone, found by asking pandas what its clocks show."""
    start, end = (int(pd.Timestamp(year, 1, 1).timestamp()) for year in (FIRST - 1, LAST + 2))
    seconds = np.arange(start, end, STEP)
    shown = offsets_at(zone, seconds)
    places = np.flatnonzero(np.diff(shown))
    low, high, before = seconds[places], seconds[places + 1], shown[places]
    while len(low) and (high - low).max() > 1:
        middle = (low + high) // 2
        same = offsets_at(zone, middle) == before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return Offsets(high, np.concatenate([shown[:1], shown[places + 1]]))


def offsets_at(zone: tzinfo, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """What clocks of a zone are ahead of UTC at moments `[N]`, in seconds since 1970."""
    moments = pd.DatetimeIndex(seconds.astype("datetime64[s]"), tz="UTC").tz_convert(zone)
    return np.asarray(moments.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64) - seconds)


def is_fixed(zone: tzinfo) -> bool:
    """Whether its clocks were never put forward or back."""
    return not len(offsets_of(zone).moments)


def changes(zone: tzinfo) -> Iterator[int]:
    """The moments, in seconds since 1970, at which its clocks are put forward or back."""
    yield from offsets_of(zone).moments.tolist()
