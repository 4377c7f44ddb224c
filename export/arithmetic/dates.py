"""Parts of moments in the graph, by exact integer arithmetic: the calendar's, and by name those of `clocks`, too.

Moments are those of `counts`, since 1970-01-01, on the clock whose parts are wanted: `clocks.local` brings UTC there.
Parts are float64 `[N, 1]`, NaN where there is no moment.

The calendar's arithmetic begins the year in March, so that the leap day is the last one; 400 years, an era, have
146,097 days.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from onnx import TensorProto

from alpenglow._export.arithmetic.clocks import hour, microsecond, minute, nanosecond, second
from alpenglow._export.arithmetic.counts import Whole, is_gap, with_gaps
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY

TO_MARCH = 719_468  # days from 0000-03-01 to 1970-01-01
ERA = 146_097
MONDAY = 3  # 1970-01-01 was a Thursday


class Civil(NamedTuple):
    """A date, int64 `[N, 1]` each."""

    year: str
    month: str
    day: str


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
