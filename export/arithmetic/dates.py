"""Parts of dates and times in the graph, by exact integer arithmetic.

Moments are int64 `[N, 1]`, counted in a unit (`D`, `s`, `ms`, `us`, `ns`) since 1970-01-01, on the clock whose parts
are wanted: `local` brings UTC there. Parts are float64 `[N, 1]`, NaN where there is no moment (`NAT`).

The calendar's arithmetic begins the year in March, so that the leap day is the last one; 400 years, an era, have
146,097 days.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import NamedTuple

import numpy as np
import pandas as pd
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY, NAT, SECOND
from alpenglow._export.pipeline.zones import offsets_of

TO_MARCH = 719_468  # days from 0000-03-01 to 1970-01-01
ERA = 146_097
MONDAY = 3  # 1970-01-01 was a Thursday


class Civil(NamedTuple):
    """A date, int64 `[N, 1]` each."""

    year: str
    month: str
    day: str


class Whole:
    """Int64 arithmetic with constants."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    def constant(self, value: int) -> str:
        """A constant."""
        return self.nodes.constant(np.int64(value))

    def plus(self, x: str, value: int) -> str:
        """`x + value`."""
        return self.nodes.add("Add", [x, self.constant(value)]) if value else x

    def times(self, x: str, value: int) -> str:
        """`x * value`."""
        return self.nodes.add("Mul", [x, self.constant(value)]) if value != 1 else x

    def minus(self, x: str, y: str) -> str:
        """`x - y`."""
        return self.nodes.add("Sub", [x, y])

    def over(self, x: str, value: int) -> str:
        """`x // value` of what is not below zero."""
        return self.nodes.add("Div", [x, self.constant(value)]) if value != 1 else x

    def floor(self, x: str, value: int) -> str:
        """`x // value`; ONNX rounds towards zero."""
        if value == 1:
            return x
        found = self.over(x, value)
        rest = self.minus(x, self.times(found, value))
        below = self.nodes.add("Less", [rest, self.constant(0)])
        return self.minus(found, self.nodes.cast(below, TensorProto.INT64))

    def rest(self, x: str, value: int) -> str:
        """`x % value`, not below zero."""
        return self.nodes.add("Mod", [x, self.constant(value)])

    def when(self, test: str, yes: str, no: str) -> str:
        """One or the other."""
        return self.nodes.add("Where", [test, yes, no])


def is_gap(nodes: Nodes, x: str) -> str:
    """Where there is no moment, bool."""
    return nodes.add("Equal", [x, nodes.constant(np.int64(NAT))])


def with_gaps(nodes: Nodes, x: str, made: str) -> str:
    """What was made of moments as float64; NaN where there is none."""
    number = nodes.cast(made, TensorProto.DOUBLE)
    return nodes.add("Where", [is_gap(nodes, x), nodes.constant(np.float64(np.nan)), number])


def local(nodes: Nodes, x: str, unit: str, zone: tzinfo | None) -> str:
    """Moments in UTC as a zone's clocks show them, for the years of `zones`; a gap stays one."""
    if zone is None:
        return x
    moments, offsets = offsets_of(zone)
    if not offsets.any() and not len(moments):
        return x
    scale = SECOND[unit]
    if len(moments):
        passed = nodes.add("GreaterOrEqual", [x, nodes.constant(moments[np.newaxis] * scale)])
        count = nodes.add(
            "ReduceSum", [nodes.cast(passed, TensorProto.INT64), nodes.constant(np.array([1]))], keepdims=1
        )
        ahead = nodes.add("Gather", [nodes.constant(offsets * scale), count])
    else:
        ahead = nodes.constant(offsets[0] * scale)
    return nodes.add("Where", [is_gap(nodes, x), x, nodes.add("Add", [x, ahead])])


def in_unit(nodes: Nodes, x: str, unit: str, wanted: str) -> str:
    """Moments or durations in another unit, rounded down as NumPy does; a gap stays one."""
    if unit == wanted:
        return x
    whole, old, new = Whole(nodes), DAY[unit], DAY[wanted]
    made = whole.times(x, new // old) if new > old else whole.floor(x, old // new)
    return whole.when(is_gap(nodes, x), x, made)


def days(nodes: Nodes, x: str, unit: str) -> str:
    """Days since 1970, int64."""
    return Whole(nodes).floor(x, DAY[unit])


def civil(nodes: Nodes, day: str) -> Civil:
    """The dates of days since 1970, int64."""
    whole = Whole(nodes)
    since = whole.plus(day, TO_MARCH)
    era = whole.floor(since, ERA)
    of_era = whole.minus(since, whole.times(era, ERA))
    # Years of 365 days, once leap days are taken out: every 4 years, but not every 100, but every 400.
    plain = whole.minus(of_era, whole.over(of_era, 1_460))
    plain = nodes.add("Add", [plain, whole.over(of_era, 36_524)])
    of_years = whole.over(whole.minus(plain, whole.over(of_era, 146_096)), 365)
    leaps = whole.minus(whole.over(of_years, 4), whole.over(of_years, 100))
    of_year = whole.minus(of_era, nodes.add("Add", [whole.times(of_years, 365), leaps]))
    from_march = whole.over(whole.plus(whole.times(of_year, 5), 2), 153)
    before = whole.over(whole.plus(whole.times(from_march, 153), 2), 5)
    day_of_month = whole.plus(whole.minus(of_year, before), 1)
    spring = nodes.add("Less", [from_march, whole.constant(10)])
    month = whole.when(spring, whole.plus(from_march, 3), whole.plus(from_march, -9))
    year = nodes.add("Add", [of_years, whole.times(era, 400)])
    return Civil(whole.when(spring, year, whole.plus(year, 1)), month, day_of_month)


def leap(nodes: Nodes, year: str) -> str:
    """Whether a year has a leap day, as 1 or 0, int64."""
    whole = Whole(nodes)
    fourth, century, era = (
        nodes.cast(nodes.add("Equal", [whole.rest(year, count), whole.constant(0)]), TensorProto.INT64)
        for count in (4, 100, 400)
    )
    return nodes.add("Add", [whole.minus(fourth, century), era])


def before_month(nodes: Nodes, date: Civil, *, later: int = 0) -> str:
    """The days of the year before its month, or before the one so many months later, int64."""
    whole = Whole(nodes)
    counts = nodes.constant(np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))
    found = nodes.add("Gather", [counts, whole.plus(date.month, later - 1)])
    after = nodes.add("Greater", [date.month, whole.constant(2 - later)])
    return whole.when(after, nodes.add("Add", [found, leap(nodes, date.year)]), found)


def whole_dayofyear(nodes: Nodes, date: Civil) -> str:
    """From 1, int64."""
    return nodes.add("Add", [before_month(nodes, date), date.day])


def whole_dayofweek(nodes: Nodes, day: str) -> str:
    """From 0, Monday, int64."""
    whole = Whole(nodes)
    return whole.rest(whole.plus(whole.rest(day, 7), MONDAY), 7)


def year(nodes: Nodes, x: str, unit: str) -> str:
    """The year."""
    return with_gaps(nodes, x, civil(nodes, days(nodes, x, unit)).year)


def month(nodes: Nodes, x: str, unit: str) -> str:
    """The month, from 1."""
    return with_gaps(nodes, x, civil(nodes, days(nodes, x, unit)).month)


def day(nodes: Nodes, x: str, unit: str) -> str:
    """The day of the month, from 1."""
    return with_gaps(nodes, x, civil(nodes, days(nodes, x, unit)).day)


def quarter(nodes: Nodes, x: str, unit: str) -> str:
    """The quarter, from 1."""
    whole = Whole(nodes)
    found = whole.over(whole.plus(civil(nodes, days(nodes, x, unit)).month, 2), 3)
    return with_gaps(nodes, x, found)


def dayofweek(nodes: Nodes, x: str, unit: str) -> str:
    """The day of the week, from 0, Monday."""
    return with_gaps(nodes, x, whole_dayofweek(nodes, days(nodes, x, unit)))


def dayofyear(nodes: Nodes, x: str, unit: str) -> str:
    """The day of the year, from 1."""
    return with_gaps(nodes, x, whole_dayofyear(nodes, civil(nodes, days(nodes, x, unit))))


def days_in_month(nodes: Nodes, x: str, unit: str) -> str:
    """How many days the month has."""
    return with_gaps(nodes, x, whole_days_in_month(nodes, civil(nodes, days(nodes, x, unit))))


def whole_days_in_month(nodes: Nodes, date: Civil) -> str:
    """The same, int64."""
    return Whole(nodes).minus(before_month(nodes, date, later=1), before_month(nodes, date))


def isoyear(nodes: Nodes, x: str, unit: str) -> str:
    """The year that the week belongs to: that of its Thursday (ISO 8601)."""
    return with_gaps(nodes, x, civil(nodes, thursday(nodes, days(nodes, x, unit))).year)


def isoweek(nodes: Nodes, x: str, unit: str) -> str:
    """The week of the year, from 1 (ISO 8601)."""
    whole = Whole(nodes)
    place = whole_dayofyear(nodes, civil(nodes, thursday(nodes, days(nodes, x, unit))))
    return with_gaps(nodes, x, whole.plus(whole.over(whole.plus(place, -1), 7), 1))


def thursday(nodes: Nodes, day: str) -> str:
    """That of the same week, in days since 1970."""
    whole = Whole(nodes)
    return whole.plus(whole.minus(day, whole_dayofweek(nodes, day)), MONDAY)


def of_day(nodes: Nodes, x: str, unit: str, size: str, count: int) -> str:
    """How many of a smaller unit have passed of `count` of them in the next larger one."""
    whole = Whole(nodes)
    if DAY[size] > DAY[unit]:
        return with_gaps(nodes, x, whole.times(x, 0))
    return with_gaps(nodes, x, whole.rest(whole.floor(x, DAY[unit] // DAY[size]), count))


def second(nodes: Nodes, x: str, unit: str) -> str:
    """The second of the minute."""
    return of_day(nodes, x, unit, "s", 60)


def microsecond(nodes: Nodes, x: str, unit: str) -> str:
    """The microseconds of the second."""
    if unit not in ("us", "ns"):
        fraction = of_day(nodes, x, unit, "ms", 1_000)
        return nodes.add("Mul", [fraction, nodes.constant(np.float64(1_000.0))])
    return of_day(nodes, x, unit, "us", 1_000_000)


def nanosecond(nodes: Nodes, x: str, unit: str) -> str:
    """The nanoseconds of the microsecond."""
    return of_day(nodes, x, unit, "ns", 1_000)


def hour(nodes: Nodes, x: str, unit: str) -> str:
    """The hour of the day."""
    return of_clock(nodes, x, unit, 3_600, 24)


def minute(nodes: Nodes, x: str, unit: str) -> str:
    """The minute of the hour."""
    return of_clock(nodes, x, unit, 60, 60)


def of_clock(nodes: Nodes, x: str, unit: str, seconds: int, count: int) -> str:
    """How many times so many seconds have passed of `count` times."""
    whole = Whole(nodes)
    if unit == "D":
        return with_gaps(nodes, x, whole.times(x, 0))
    return with_gaps(nodes, x, whole.rest(whole.floor(x, seconds * SECOND[unit]), count))


def midnight(nodes: Nodes, x: str, unit: str, size: int | None = None) -> str:
    """The moment rounded down to a day, or to a multiple of a size of the unit's; a gap stays one, int64."""
    whole = Whole(nodes)
    begun = whole.minus(x, whole.rest(x, size or DAY[unit]))
    return whole.when(is_gap(nodes, x), x, begun)


def seconds(nodes: Nodes, x: str, unit: str) -> str:
    """Seconds of durations, as the pandas that is here computes them for `total_seconds`."""
    if unit == "D":
        return with_gaps(nodes, x, Whole(nodes).times(x, DAY["s"]))
    scale = nodes.constant(np.float64(SECOND[unit]))
    if is_divided(-1, "ms", -0.001):  # before pandas 3.1
        return nodes.add("Div", [with_gaps(nodes, x, x), scale])
    whole = Whole(nodes)
    full, rest = whole.floor(x, SECOND[unit]), whole.rest(x, SECOND[unit])
    number, part = (nodes.cast(count, TensorProto.DOUBLE) for count in (full, rest))
    found = nodes.add("Add", [number, nodes.add("Div", [part, scale])])
    if unit != "s" and not is_divided(9 * 10**18 + 1, "ns", 9e9):
        found = beside(nodes, x, number, rest, found)
    return nodes.add("Where", [is_gap(nodes, x), nodes.constant(np.float64(np.nan)), found])


def is_divided(count: int, unit: str, seconds: float) -> bool:
    """Whether pandas gives so many seconds for a duration."""
    duration = np.array([count], np.int64).view(f"timedelta64[{unit}]")
    return bool(pd.Series(duration).dt.total_seconds().iloc[0] == seconds)


def beside(nodes: Nodes, x: str, full: str, rest: str, found: str) -> str:
    """Seconds that are not rounded to a whole one if they are none: the next float64 within is taken, as pandas does.

    Only of more than 2**53 units. A number is moved by 5/8 to 5/4 of what lies between it and the next one.
    """
    one, far = nodes.constant(np.float64(1.0)), nodes.constant(np.int64(2**53))
    large = nodes.add("Or", [nodes.add("Greater", [x, far]), nodes.add("Less", [x, nodes.add("Neg", [far])])])
    broken = nodes.add("And", [large, nodes.add("Greater", [rest, nodes.constant(np.int64(0))])])
    step = nodes.add("Mul", [nodes.add("Abs", [found]), nodes.constant(np.float64(1.25 * 2.0**-53))])
    for op, end in (("Add", full), ("Sub", nodes.add("Add", [full, one]))):
        rounded = nodes.add("And", [broken, nodes.add("Equal", [found, end])])
        found = nodes.add("Where", [rounded, nodes.add(op, [found, step]), found])
    return found


def is_leap_year(nodes: Nodes, x: str, unit: str) -> str:
    """Whether the year has a leap day, bool; false where there is no moment."""
    return holds(nodes, x, leap(nodes, civil(nodes, days(nodes, x, unit)).year), 1)


def is_month_start(nodes: Nodes, x: str, unit: str) -> str:
    """Whether it is a month's first day, bool."""
    return holds(nodes, x, civil(nodes, days(nodes, x, unit)).day, 1)


def is_month_end(nodes: Nodes, x: str, unit: str) -> str:
    """Whether it is a month's last day, bool."""
    date = civil(nodes, days(nodes, x, unit))
    return holds(nodes, x, Whole(nodes).minus(whole_days_in_month(nodes, date), date.day), 0)


def starts(months: int) -> "Part":
    """Whether it is the first day of every so many months, bool."""

    def part(nodes: Nodes, x: str, unit: str) -> str:
        whole, date = Whole(nodes), civil(nodes, days(nodes, x, unit))
        place = whole.rest(whole.plus(date.month, -1), months)
        return holds(nodes, x, nodes.add("Add", [whole.times(place, 31), date.day]), 1)

    return part


def ends(months: int) -> "Part":
    """Whether it is the last day of every so many months, bool."""

    def part(nodes: Nodes, x: str, unit: str) -> str:
        whole, date = Whole(nodes), civil(nodes, days(nodes, x, unit))
        left = whole.minus(whole_days_in_month(nodes, date), date.day)
        return holds(nodes, x, nodes.add("Add", [whole.times(whole.rest(date.month, months), 31), left]), 0)

    return part


def place(nodes: Nodes, part: str, low: int, high: int) -> str:
    """The place of a part, float64, among its values from the least to the greatest, int64; a missing one is the last.

    So a table can tell what becomes of each.
    """
    whole = Whole(nodes).plus(nodes.cast(part, TensorProto.INT64), -low)
    return nodes.add("Where", [nodes.add("IsNaN", [part]), nodes.constant(np.int64(high - low + 1)), whole])


def holds(nodes: Nodes, x: str, made: str, value: int) -> str:
    """Whether what was made of moments is a value; not where there is none."""
    same = nodes.add("Equal", [made, nodes.constant(np.int64(value))])
    return nodes.add("And", [same, nodes.add("Not", [is_gap(nodes, x)])])


Part = Callable[[Nodes, str, str], str]
# By the names that pandas has for them, float64 and bool.
PARTS: dict[str, Part] = {
    "year": year,
    "month": month,
    "day": day,
    "quarter": quarter,
    "dayofweek": dayofweek,
    "day_of_week": dayofweek,
    "weekday": dayofweek,
    "dayofyear": dayofyear,
    "day_of_year": dayofyear,
    "days_in_month": days_in_month,
    "daysinmonth": days_in_month,
    "hour": hour,
    "minute": minute,
    "second": second,
    "microsecond": microsecond,
    "nanosecond": nanosecond,
}
TESTS: dict[str, Part] = {
    "is_leap_year": is_leap_year,
    "is_month_start": is_month_start,
    "is_month_end": is_month_end,
    "is_quarter_start": starts(3),
    "is_quarter_end": ends(3),
    "is_year_start": starts(12),
    "is_year_end": ends(12),
}
