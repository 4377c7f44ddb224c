"""What clocks show of moments, and the seconds of durations, by exact integer arithmetic.

Moments and durations are those of `counts`; `local` brings moments from UTC to the clock whose parts are wanted. Parts
are float64 `[N, 1]`, NaN where there is no moment.
"""

from datetime import tzinfo

import numpy as np
import pandas as pd
from onnx import TensorProto

from alpenglow._export.arithmetic.counts import Whole, is_gap, with_gaps
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.times import DAY, SECOND
from alpenglow._export.pipeline.zones import offsets_of


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


def midnight(nodes: Nodes, x: str, unit: str, size: int | None = None) -> str:
    """The moment rounded down to a day, or to a multiple of a size of the unit's; a gap stays one, int64."""
    whole = Whole(nodes)
    begun = whole.minus(x, whole.rest(x, size or DAY[unit]))
    return whole.when(is_gap(nodes, x), x, begun)


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
