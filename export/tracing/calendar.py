"""What `Series.dt` and `pandas.to_datetime` have that can be recorded: parts of moments and of durations."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.arithmetic import clocks, dates
from alpenglow._export.arithmetic.counts import with_gaps
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY
from alpenglow._export.pipeline.moments import in_utc
from alpenglow._export.pipeline.zones import is_fixed, offsets_of
from alpenglow._export.tracing.arrays import Array, Table, Trace
from alpenglow._export.tracing.columns import Column

NOT_READ = "pd.to_datetime(column) makes moments of them"
DURATIONS: dict[str, dates.Part] = {
    "days": lambda nodes, x, unit: with_gaps(nodes, x, dates.days(nodes, x, unit)),
    "seconds": lambda nodes, x, unit: clocks.of_day(nodes, x, unit, "s", 86_400),
    "microseconds": clocks.microsecond,
    "nanoseconds": clocks.nanosecond,
}
# The least and the greatest value of parts that have few of them.
FEW: dict[dates.Part, tuple[int, int]] = {
    dates.month: (1, 12),
    dates.day: (1, 31),
    dates.quarter: (1, 4),
    dates.dayofweek: (0, 6),
    dates.dayofyear: (1, 366),
    dates.days_in_month: (28, 31),
    clocks.hour: (0, 23),
    clocks.minute: (0, 59),
    clocks.second: (0, 59),
    dates.isoweek: (1, 53),
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)


class Undated(Column):
    """A stand-in for moments that are kept as text or as objects: they can be read, and nothing else.

    Attributes:
        moments: What they are.
        shown: The example as it is kept.
    """

    def __init__(self, moments: Array, shown: "pd.Series[Any]") -> None:
        self.moments, self.shown, self.inner = moments, shown, shown.dtype

    @property
    def trace(self) -> Trace:
        """The run that it belongs to."""
        return self.moments.trace

    @property
    def array(self) -> Any:  # type: ignore[override]
        """Asked for its values: they are none that a graph has."""
        self.trace.refuse(f"it computes with dates that are text or objects: {NOT_READ}")

    @property
    def real(self) -> "pd.Series[Any]":
        """The example."""
        return self.shown

    def __len__(self) -> int:
        return len(self.moments)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """As NumPy's or pandas' own moments."""
        dtype = pd.api.types.pandas_dtype(dtype)
        return self if dtype == self.inner else self.read(self.real.astype(dtype))

    def read(self, real: "pd.Series[Any]") -> Column:
        """What pandas reads."""
        if real.dtype.kind not in "mM":
            self.trace.refuse(f"it makes {real.dtype} of dates that are text or objects: {NOT_READ}")
        made = self.moments.astype(in_utc(real).dtype)
        if not np.array_equal(made.example, in_utc(real).to_numpy(), equal_nan=True):
            self.trace.refuse("it reads other dates from this text than ISO 8601 has: give the column as datetime64")
        return Column(made, real.dtype)


class Calendar:
    """A stand-in for the `dt` of a series."""

    def __init__(self, series: "pd.Series[Any]") -> None:
        column: Any = series.array
        if isinstance(column, Undated) or not column.is_time:
            raise AttributeError("Can only use .dt accessor with datetimelike values")
        self.series, self.column = series, column
        self.trace: Trace = column.trace
        self.unit = str(np.datetime_data(column.array.example.dtype)[0])
        self.duration = column.array.example.dtype.kind == "m"

    @property
    def real(self) -> Any:
        """What pandas has for the example."""
        return self.column.real.dt

    def shown(self, nodes: Nodes) -> str:
        """What the clocks of its zone show."""
        return clocks.local(nodes, self.column.array.tensor, self.unit, self.column.zone)

    def of(self, column: Column) -> Any:
        """A column as a series beside this one."""
        return pd.Series(column, index=self.series.index, name=self.series.name)

    def part(self, real: "pd.Series[Any]", part: dates.Part) -> Any:
        """A part of each moment."""
        example = real.to_numpy(bool if real.dtype.kind == "b" else np.float64)
        build = lambda nodes: part(nodes, self.shown(nodes), self.unit)  # noqa: E731
        made = self.trace.record(example, build, self.column.array)
        if part in FEW:
            nodes, (low, high) = self.trace.nodes, FEW[part]
            index = dates.place(nodes, made.tensor, low, high) if nodes else ""
            made.table = Table(object(), index, np.array([*range(low, high + 1), np.nan]))
        return self.of(Column(made, whole=part in FEW and real.dtype.kind in "iu"))

    def moved(self, real: "pd.Series[Any]", build: Callable[[Nodes], str]) -> Any:
        """Other moments, in the same unit."""
        made = self.trace.record(in_utc(real).to_numpy(), build, self.column.array)
        return self.of(Column(made, real.dtype))

    def __getattr__(self, name: str) -> Any:
        known = DURATIONS if self.duration else dates.PARTS | dates.TESTS
        if name in known:
            return self.part(getattr(self.real, name), known[name])
        if name in ("tz", "unit"):
            return getattr(self.real, name)
        return self.trace.refuse(f"Series.dt.{name} is none of what can be recorded")

    def total_seconds(self) -> Any:
        """Seconds of durations."""
        return self.part(self.real.total_seconds(), clocks.seconds)

    def isocalendar(self) -> pd.DataFrame:
        """The year, the week and the day as ISO 8601 has them."""
        real = self.real.isocalendar().astype(np.float64)
        parts = {"year": dates.isoyear, "week": dates.isoweek}
        days = self.part(self.real.dayofweek, dates.dayofweek) + 1
        made = {name: self.part(real[name], part) for name, part in parts.items()}
        return pd.DataFrame({**made, "day": days}, index=self.series.index)

    def day_name(self, locale: None = None) -> Any:
        """The day of the week in English."""
        return self.name_of("dayofweek", locale, dict(enumerate(WEEKDAYS)))

    def month_name(self, locale: None = None) -> Any:
        """The month in English."""
        return self.name_of("month", locale, dict(enumerate(MONTHS, 1)))

    def name_of(self, part: str, locale: Any, names: dict[int, str]) -> Any:
        """A part by its name."""
        if locale is not None:
            self.trace.refuse("it asks for names in a language: those in English can be recorded")
        return getattr(self, part).map(names)

    @property
    def date(self) -> Any:
        """The days, as Python's objects."""
        self.refuse_zone("date")
        real = self.real.date
        whole = self.moved(self.real.normalize(), lambda nodes: clocks.midnight(nodes, self.shown(nodes), self.unit))
        return self.of(Undated(whole.array.array, real))

    def normalize(self) -> Any:
        """The midnights before."""
        self.refuse_zone("normalize()")
        return self.moved(
            self.real.normalize(), lambda nodes: clocks.midnight(nodes, self.column.array.tensor, self.unit)
        )

    def floor(self, freq: Any, *args: Any, **options: Any) -> Any:
        """Rounded down to a multiple of a duration."""
        self.refuse_zone("floor()")
        size, left = divmod(pd.Timedelta(pd.tseries.frequencies.to_offset(freq)).value, DAY["ns"] // DAY[self.unit])
        if left:
            self.trace.refuse(f"it rounds to {freq}, which is finer than the column's unit, {self.unit}")
        real = self.real.floor(freq, *args, **options)
        return self.moved(real, lambda nodes: clocks.midnight(nodes, self.column.array.tensor, self.unit, size))

    def refuse_zone(self, what: str) -> None:
        """What goes from clocks back to moments cannot be done where clocks are put back."""
        zone = self.column.zone
        if zone is not None and (not is_fixed(zone) or offsets_of(zone).offsets.any()):
            self.trace.refuse(f"Series.dt.{what} of times in {zone}: .dt.tz_localize(None) before makes that possible")

    def as_unit(self, unit: str) -> Any:
        """In another unit."""
        made = self.column.array.astype(f"{'m' if self.duration else 'M'}8[{unit}]")
        return self.of(Column(made, self.real.as_unit(unit).dtype))

    def tz_convert(self, tz: Any) -> Any:
        """On the clocks of another zone; of UTC if it is None."""
        return self.of(Column(self.column.array, self.real.tz_convert(tz).dtype))

    def tz_localize(self, tz: Any, *args: Any, **options: Any) -> Any:
        """What the clocks show, without a zone; or moments that clocks without changes showed, with theirs."""
        real = self.real.tz_localize(tz, *args, **options)
        if tz is None:
            return self.moved(real, self.shown)
        zone = real.dt.tz
        if not is_fixed(zone):
            self.trace.refuse(f"its clocks have no zone, and those of {zone} are put back: some hours are there twice")
        back = -int(offsets_of(zone).offsets[0])
        shift = np.timedelta64(back, "s").astype(f"m8[{self.unit}]")
        return self.of(Column((self.column.array + shift).astype(in_utc(real).dtype), real.dtype))


def calendar(self: "pd.Series[Any]") -> Calendar:
    """What there is for moments and durations."""
    return Calendar(self)


def to_datetime(arg: Any, *args: Any, **options: Any) -> Any:
    """`pandas.to_datetime` of a column."""
    return reading(pd.to_datetime, arg, *args, **options)


def to_timedelta(arg: Any, *args: Any, **options: Any) -> Any:
    """`pandas.to_timedelta` of a column."""
    return reading(pd.to_timedelta, arg, *args, **options)


def reading(read: Callable[..., Any], arg: Any, *args: Any, **options: Any) -> Any:
    """Moments or durations that are text or objects, as pandas reads them; others as they are."""
    column: Any = getattr(arg, "array", None)
    if not isinstance(arg, pd.Series) or not isinstance(column, Column):
        traced: Any = column if isinstance(column, Column) else arg
        traced.trace.refuse("it reads dates from what is no column of a frame: pd.to_datetime(X['a']) can be recorded")
    real = read(column.real, *args, **options)
    if isinstance(column, Undated):
        made = column.read(real)
    elif column.is_time:
        made = column if real.dtype == column.inner else Column(column.array.astype(in_utc(real).dtype), real.dtype)
    elif column.array.is_text and column.trace.nodes is None:
        column.trace.read.append(column.real)
        made = Column(column.trace.record(in_utc(real).to_numpy(), lambda nodes: "", column.array), real.dtype)
    else:
        column.trace.refuse(
            "it reads dates from text or numbers that are not all ISO 8601, or are used otherwise, too: give the "
            "column as datetime64, with pd.to_datetime before the pipeline is fitted"
        )
    return pd.Series(made, index=arg.index, name=arg.name)
