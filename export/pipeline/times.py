"""How columns keep moments and durations: as NumPy's, Arrow's, Python's objects, or ISO 8601 text."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.errors import SampleError
from alpenglow._serve.signature import Column, ColumnType, Time
from alpenglow._serve.times import DAY, moment

OBJECTS = (date, np.datetime64, timedelta, np.timedelta64)
FINEST = {unit: place for place, unit in enumerate(DAY)}


@dataclass(frozen=True)
class Kept:
    """How a column keeps them.

    Attributes:
        unit: That they are counted in.
        zone: Whose clocks the pipeline sees; None for moments without one.
        duration: Whether they are durations.
        plain: Whether pandas computes with the column as it is; else with what `pandas.to_datetime` makes of it.
    """

    unit: str
    zone: tzinfo | None = None
    duration: bool = False
    plain: bool = True

    def column(self, name: str) -> Column:
        """The signature's, as far as it follows from this."""
        kind: ColumnType = "duration" if self.duration else "datetime"
        zone = None if self.zone is None else str(self.zone)
        unit: Any = self.unit
        return Column(name, kind, nullable=False, example="", time=Time(unit, zone))


def kept(name: str, values: "pd.Series[Any]") -> Kept | None:
    """How a column keeps moments or durations; None if it holds something else, or text.

    Raises:
        SampleError: They are periods, of several zones, or of a zone in Arrow.
    """
    dtype: Any = values.dtype
    if isinstance(dtype, pd.PeriodDtype):
        raise SampleError(f"column {name!r} holds periods: give their beginnings, X[{name!r}].dt.to_timestamp()")
    if isinstance(dtype, pd.DatetimeTZDtype):
        return Kept(dtype.unit, dtype.tz)
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        return Kept(unit_in(dtype), duration=dtype.kind == "m")
    if isinstance(dtype, pd.ArrowDtype):
        return of_arrow(name, dtype)
    present = values.dropna() if dtype.kind == "O" else values.iloc[:0]
    return of_objects(name, present) if len(present) and isinstance(present.iloc[0], OBJECTS) else None


def unit_in(dtype: Any) -> str:
    """The unit of a type of NumPy's, of those that we have."""
    unit = str(np.datetime_data(dtype)[0])
    return unit if unit in DAY else "s"


def of_arrow(name: str, dtype: pd.ArrowDtype) -> Kept | None:
    """That of Arrow's types.

    Raises:
        SampleError: It has a zone, which Arrow has other tables of than pandas.
    """
    kind: Any = dtype.pyarrow_dtype
    words = str(kind).partition("[")[0]
    if words in ("date32", "date64"):
        return Kept("D")
    if words == "duration":
        return Kept(kind.unit, duration=True)
    if words != "timestamp":
        return None
    if kind.tz:
        raise SampleError(
            f"column {name!r} is {dtype}: give it as pandas' own type, "
            f"X[{name!r}].astype('datetime64[{kind.unit}, {kind.tz}]')"
        )
    return Kept(kind.unit)


def of_objects(name: str, present: "pd.Series[Any]") -> Kept | None:
    """That of Python's, NumPy's or pandas' own objects; None if they are mixed with others."""
    durations = [isinstance(value, timedelta | np.timedelta64) for value in present]
    if any(durations) and not all(durations):
        return None
    if not all(durations) and not all(isinstance(value, date | np.datetime64) for value in present):
        return None
    zones = {str(zone): zone for zone in (getattr(value, "tzinfo", None) for value in present)}
    if len(zones) > 1:
        raise SampleError(
            f"column {name!r} holds times of several zones ({', '.join(zones)}): bring them to one, "
            f"pd.to_datetime(X[{name!r}], utc=True)"
        )
    unit = max(map(unit_of, present), key=FINEST.__getitem__)
    return Kept(unit, next(iter(zones.values())), all(durations), plain=False)


def unit_of(value: Any) -> str:
    """The unit that an object counts in."""
    if isinstance(value, np.generic):
        return unit_in(value.dtype)
    if isinstance(value, datetime | timedelta):
        return "ns" if getattr(value, "nanosecond", getattr(value, "nanoseconds", 0)) else "us"
    return "D"


def of_text(values: "pd.Series[Any]") -> Kept | None:
    """How a column of text keeps moments, if all of it is ISO 8601 and in UTC or without offsets."""
    texts = values.dropna().unique()
    if not len(texts) or not all(isinstance(text, str) for text in texts):
        return None
    found = [moment(text, "ns") for text in texts]
    offsets = {each[1] for each in found if each}
    if None in found or offsets not in ({None}, {0}):
        return None
    return Kept(
        "D" if max(map(len, texts)) == len("2024-03-01") else "us", UTC if offsets == {0} else None, plain=False
    )
