"""Columns of moments and durations as the counts that the graph gets, and back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.pipeline.missing import missing_in
from alpenglow._serve.signature import NAT, Column
from alpenglow._serve.times import DAY, Taken, moment_text


def dtype_of(column: Column, unit: str | None = None) -> str:
    """NumPy's type for a column, or for the same in another unit."""
    assert column.time  # noqa: S101 - it is a column of times
    return f"{'m' if column.type == 'duration' else 'M'}8[{unit or column.time.unit}]"


def counts(values: "pd.Series[Any]", column: Column) -> NDArray[np.int64]:
    """What the graph gets for a column, `[N]`; `NAT` for a missing value."""
    if isinstance(values.dtype, pd.ArrowDtype):
        plain: Any = values.astype("timestamp[s][pyarrow]") if str(values.dtype).startswith("date") else values
        return np.asarray(
            plain.to_numpy(dtype_of(column), na_value=np.array("NaT", dtype_of(column))[()]).view(np.int64)
        )
    if values.dtype.kind in "mM":
        return np.asarray(in_utc(values).to_numpy(dtype_of(column)).view(np.int64))
    taken = Taken(column)
    return np.array([NAT if pd.isna(value) else count_of(value, taken, dtype_of(column)) for value in values], np.int64)


def in_utc(values: "pd.Series[Any]") -> Any:
    """Moments without their zone, in UTC; others as they are."""
    zoned = values.dtype.kind == "M" and isinstance(values.dtype, pd.DatetimeTZDtype)
    return values.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else values


def count_of(value: Any, taken: Taken, dtype: str) -> int:
    """The count of an object or a text."""
    if isinstance(value, str):
        found = taken.read(value)
        return NAT if found is None else found
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    exact = value.to_numpy() if hasattr(value, "to_numpy") else value
    return int(np.array(exact, dtype).view(np.int64))


def moments(found: NDArray[np.int64], like: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    """Counts as a column that keeps them as another one does."""
    array = found.view(dtype_of(column))
    if is_text(like) or like.dtype == object:
        make = spelling(like) if is_text(like) else maker(like.dropna())
        made = [missing_in(like) if np.isnat(one) else make(one) for one in array]
        return pd.Series(made, dtype=like.dtype)
    unit = np.datetime_data(array.dtype)[0]
    plain: Any = pd.Series(array.astype(dtype_of(column, "s")) if unit == "D" else array)
    if in_utc(like) is not like:
        plain = plain.dt.tz_localize("UTC").dt.tz_convert(like.dt.tz)
    made_alike: pd.Series[Any] = plain.astype(like.dtype)
    return made_alike


def maker(present: "pd.Series[Any]") -> Callable[[Any], Any]:
    """What makes NumPy's moments and durations objects as a column has them."""
    first = present.iloc[0]
    if isinstance(first, np.generic):
        return lambda one: one
    if isinstance(first, timedelta):
        return pd.Timedelta if isinstance(first, pd.Timedelta) else lambda one: one.astype("m8[us]").item()
    if all(type(value) is date for value in present):
        return lambda one: one.astype("M8[D]").item()
    zone = getattr(first, "tzinfo", None)
    if isinstance(first, pd.Timestamp):
        return lambda one: pd.Timestamp(one).tz_localize("UTC").tz_convert(zone) if zone else pd.Timestamp(one)
    return lambda one: plain_datetime(one) if zone is None else plain_datetime(one).replace(tzinfo=UTC).astimezone(zone)


def plain_datetime(one: Any) -> datetime:
    """One of Python's own."""
    made: datetime = one.astype("M8[us]").item()
    return made


def is_text(values: "pd.Series[Any]") -> bool:
    """Whether a column holds text."""
    present = values.dropna() if values.dtype == object else values.iloc[:0]
    return isinstance(values.dtype, pd.StringDtype) or (len(present) > 0 and isinstance(present.iloc[0], str))


def spelling(like: "pd.Series[Any]") -> Callable[[Any], str]:
    """What spells moments as a column of text does, and as finely as the finest of it."""
    finest = max(like.dropna(), key=len)
    day, gap, rest = finest[:10], finest[10:11], finest[11:]
    end = "Z" if rest.endswith("Z") else ""
    clock, _, fraction = rest.removesuffix("Z").partition(".")

    def spell(one: Any) -> str:
        microseconds = int(one.astype("M8[us]").astype(np.int64))
        whole = moment_text(
            microseconds // DAY["us"] if finest == day else microseconds, "D" if finest == day else "us"
        )
        digits = whole[20:].ljust(len(fraction), "0")[: len(fraction)]
        shown = f"{whole[:10]}{gap}{whole[11 : 11 + len(clock)]}"
        return f"{shown}{f'.{digits}' if fraction else ''}{end}"

    return spell
