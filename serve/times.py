"""Moments and durations: ISO 8601 or milliseconds in requests, counts of a column's own unit in the graph.

What is finer than the unit is refused, never rounded. So is what ISO 8601 has beside calendar dates: weeks, days of the
year, hour 24, and leap seconds.
"""

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.signature import NAT, Column, Time

SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # of each unit, in a second
DAY = {"D": 1, **{unit: 86_400 * count for unit, count in SECOND.items()}}  # in a day
NANOSECONDS = {unit: DAY["ns"] // count for unit, count in DAY.items()}  # in one of each unit
DIGITS = {"ms": 3, "us": 6, "ns": 9}  # of a second's fraction
EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = (date(year, month, day).toordinal() - EPOCH for year, month, day in ((1, 1, 1), (9999, 12, 31)))
MOST_DAYS = 106_751  # of a duration: as many as nanoseconds count
LONGEST = 64  # of a text
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?"
    r"(Z|([+-])([01]\d|2[0-3])(?::?([0-5]\d)(?::([0-5]\d))?)?)?)?",
    re.ASCII,
)
DURATION = re.compile(
    r"([+-]?)P(?=T?[\d+-])(?:([+-]?\d{1,7})D)?"
    r"(?:T(?=\d)(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,11})(?:\.(\d{1,9}))?S)?)?"
    r"|([+-]?\d{1,7}) days?(?: \+?(\d\d):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?)?",  # as pandas prints it
    re.ASCII,
)
NAMES = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}
FEW = 8  # values, which are as fast one by one


def is_missing(value: Any) -> bool:
    """Whether a value in a request stands for a missing one."""
    return value is None or (type(value) is float and math.isnan(value))


class Taken:
    """What one column takes.

    Attributes:
        lowest: The least count.
        highest: The greatest.
    """

    def __init__(self, column: Column) -> None:
        assert column.time  # noqa: S101 - it is a column of times
        self.unit = column.time.unit
        self.zoned, self.duration = column.time.zone is not None, column.type == "duration"
        self.lowest, self.highest = self.limits(column.time)
        # Lines of texts that NumPy reads, and reads alike: of moments as most clients write them.
        digits, end = DIGITS.get(self.unit), "Z" if self.zoned else "Z?"
        fraction = rf"(?:\.\d{{1,{digits}}})?" if digits else ""
        clock = rf"[T ]\d\d:\d\d(?::\d\d{fraction})?{end}"
        clock = "" if self.unit == "D" else clock if self.zoned else f"(?:{clock})?"
        year = r"(?:1[7-9]|2[01])\d\d" if self.unit == "ns" else r"\d{4}"  # NumPy does not see what is too much for it
        self.lines = re.compile(rf"(?:(?:{year}-\d\d-\d\d{clock}|NaT)\n)++", re.ASCII)

    def limits(self, time: Time) -> tuple[int, int]:
        """The least count and the greatest: as the signature says, else all of four-digit years that the unit has."""
        day = DAY[self.unit]
        least, most = (-MOST_DAYS * day, MOST_DAYS * day) if self.duration else (FIRST * day, (LAST + 1) * day - 1)
        lowest, highest = (None if text is None else self.read(text) for text in (time.lowest, time.highest))
        return (
            max(least, -(2**63) + 1) if lowest is None else lowest,
            min(most, 2**63 - 1) if highest is None else highest,
        )

    def count(self, value: Any) -> int | None:
        """That of a text or a number in JSON; None if it is none that the column takes."""
        if type(value) is str:
            found = self.read(value)
        else:
            found = of_milliseconds(value, self.unit) if type(value) in (int, float) else None
        return found if found is not None and self.lowest <= found <= self.highest else None

    def counts(self, cells: Sequence[Any]) -> NDArray[np.int64] | None:
        """Those of a column's values, `NAT` for a missing one; None if there is one that it does not take."""
        found = None if self.duration or len(cells) <= FEW else self.together(cells)
        if found is None:
            each = [NAT if is_missing(cell) else self.count(cell) for cell in cells]
            return None if None in each else np.array(each, np.int64)
        inside = (found >= self.lowest) & (found <= self.highest) | (found == NAT)
        return found if inside.all() else None

    def together(self, cells: Sequence[Any]) -> NDArray[np.int64] | None:
        """The same for texts, whatever the limits are, if all of them are of the most usual forms."""
        gap = None in cells
        if not set(map(type, cells)) <= {str, type(None)} or "NaT" in cells:
            return None
        lines = "\n".join(["NaT" if cell is None else cell for cell in cells] if gap else cells)
        if lines.count("\n") >= len(cells) or not self.lines.fullmatch(lines + "\n"):
            return None
        try:
            return np.array(lines.replace("Z", "").split("\n"), f"datetime64[{self.unit}]").view(np.int64)
        except (ValueError, OverflowError):  # such as the 30th of February
            return None

    def read(self, text: str) -> int | None:
        """That of a text, whatever the limits are; None if it is no text that the column takes.

        Without a zone, the moments of a column are those that clocks showed: an offset would tell of other clocks. `Z`
        is taken, as JavaScript and older versions of pandas write it behind all of them.
        """
        if len(text) > LONGEST:
            return None
        if self.duration:
            return duration(text, self.unit)
        found = moment(text, self.unit)
        if found is None or (found[1] is None if self.zoned else found[1]):
            return None
        return found[0]

    def text(self, count: int) -> str:
        """A count as ISO 8601 has it, in UTC if the column has a zone."""
        if self.duration:
            return duration_text(count, self.unit)
        return moment_text(count, self.unit, "Z" if self.zoned else "")

    def expected(self) -> str:
        """What the column takes, in words."""
        low, high = (f"{self.text(limit)}" for limit in (self.lowest, self.highest))
        if self.duration:
            what = "a duration as ISO 8601 has it, such as P1DT2H30M, or its milliseconds"
        elif self.unit == "D":
            what = "a date as ISO 8601 has it, such as 2024-03-01, or its milliseconds since 1970"
        else:
            example = f"2024-03-01T12:30:00{'Z or 2024-03-01T14:30:00+02:00' if self.zoned else ' without an offset'}"
            what = f"a time as ISO 8601 has it, such as {example}, or its milliseconds since 1970-01-01 UTC"
        finest = "" if self.unit in ("ns", "D") else f", in whole {NAMES[self.unit]}"
        return f"{what}{finest}, from {low} to {high}"


def moment_text(count: int, unit: str, end: str = "") -> str:
    """A moment as ISO 8601 has it, with `end` behind the time of day; a date if days are counted."""
    days, clock = clock_of(count, unit)
    day = date.fromordinal(days + EPOCH).isoformat()
    return day if unit == "D" else f"{day}T{clock}{end}"


def duration_text(count: int, unit: str) -> str:
    """A duration as ISO 8601 has it."""
    days, clock = clock_of(abs(count), unit)
    hour, minute, second = clock.split(":")
    return f"{'-' if count < 0 else ''}P{days}DT{int(hour)}H{int(minute)}M{second[0].strip('0')}{second[1:]}S"


def clock_of(count: int, unit: str) -> tuple[int, str]:
    """Days, and what a clock shows of the rest, with a fraction if there is one."""
    days, rest = divmod(count, DAY[unit])
    seconds, fraction = divmod(rest, SECOND.get(unit, 1))
    minutes, second = divmod(seconds, 60)
    more = f".{fraction:0{DIGITS[unit]}}" if fraction else ""
    return days, f"{minutes // 60:02}:{minutes % 60:02}:{second:02}{more}"


def moment(text: str, unit: str) -> tuple[int, int | None] | None:
    """The count of a moment in UTC, and the offset, in seconds, that it was written with; None if it is no moment."""
    found = MOMENT.fullmatch(text)
    if not found:
        return None
    day, hour, minute, second, fraction, zone, sign, hours, minutes, seconds = found.groups()
    try:
        days = date.fromisoformat(day).toordinal() - EPOCH
    except ValueError:  # such as the 30th of February
        return None
    if hour is None:
        return days * DAY[unit], None
    offset = None if zone is None else 0
    if sign:
        offset = (int(hours) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
        offset = -offset if sign == "-" else offset
    passed = days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second or 0) - (offset or 0)
    count = in_units(passed, fraction, unit)
    return None if count is None else (count, offset)


def duration(text: str, unit: str) -> int | None:
    """The count of a duration; None if the text is none."""
    found = DURATION.fullmatch(text)
    if not found:
        return None
    sign, *iso = found.groups()
    days, hours, minutes, seconds, fraction = iso[:5] if iso[5] is None else iso[5:]
    count = in_units((int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0), fraction, unit)
    if count is None:
        return None
    count += int(days or 0) * DAY[unit]
    return -count if sign == "-" else count


def in_units(seconds: int, fraction: str | None, unit: str) -> int | None:
    """Seconds and the digits of their fraction as a count; None if that is finer than the unit."""
    if fraction is None and unit != "D":
        return seconds * SECOND[unit]
    count, rest = divmod(seconds * 10**9 + int((fraction or "").ljust(9, "0")), NANOSECONDS[unit])
    return None if rest else count


def of_milliseconds(value: float, unit: str) -> int | None:
    """Milliseconds as a count; None if they are no whole ones, or finer than the unit."""
    if value % 1 != 0:  # infinity, too
        return None
    count, rest = divmod(int(value) * NANOSECONDS["ms"], NANOSECONDS[unit])
    return None if rest else count
