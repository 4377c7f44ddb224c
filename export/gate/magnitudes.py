"""How large numbers may be: as far as the graph and scikit-learn agree, asked at growing magnitudes.

Where squares overflow, all distances are infinite, and who is near is an accident of how the search went: nobody needs
that answer, and the signature says up to where there is one.
"""

import msgspec
import numpy as np
import pandas as pd

from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.near_ties import DONORS, ties_of
from alpenglow._export.gate.parity import answers_either, compared, taken_in_order
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.probe import with_number
from alpenglow._serve.signature import Column

# Powers of two: up to the first, other rows decide. They lie closer where the square, the cube or a sum overflows.
LEAST = 100
STEPS = (128, 256, 320, 336, 342, 384, 448, 496, 504, 508, 512, 640, 768, 896, 1000, 1016, 1020, 1023)
ROWS = 2  # of the sample
MOST_ALONE = 8  # columns that are changed one at a time


def bounded(fitted: Fitted, graph: Graph, sample: pd.DataFrame, tolerance: float) -> list[Column]:
    """The graph's columns; those of numbers without limits get the largest power of two up to which both agree.

    Where that is below 2**100 there is none: such numbers are compared with all others.
    """
    free = [c.name for c in graph.columns if c.type == "number" and c.lowest is None and c.highest is None]
    power = largest_agreed(fitted, graph, sample, free, tolerance) if free else None
    if power is None:
        return graph.columns
    limit = 2.0**power
    return [
        msgspec.structs.replace(c, lowest=-limit, highest=limit) if c.name in free and within(c, limit) else c
        for c in graph.columns
    ]


def within(column: Column, limit: float) -> bool:
    """Whether all numbers of the sample are."""
    return all(end is None or abs(end) <= limit for end in (column.minimum, column.maximum))


def note(before: list[Column], after: list[Column]) -> list[str]:
    """What is to be known of new limits."""
    limits = {new.highest for old, new in zip(before, after, strict=True) if old.highest != new.highest}
    return [
        f"numbers are taken up to {limit:.2g}: beyond, where squares overflow, the graph answers otherwise"
        for limit in limits
        if limit is not None
    ]


def largest_agreed(
    fitted: Fitted, graph: Graph, sample: pd.DataFrame, names: list[str], tolerance: float
) -> int | None:
    """The largest power of two, None if they agree on all or not even on the least."""

    def agree(power: int) -> bool:
        rows = changed(sample, names, 2.0**power)
        expected = fitted.attempt(rows)
        if expected is None:
            return False
        given = graph.predict(rows)
        unequal, far = compared(expected, given, 1.0)
        other = np.flatnonzero(unequal | (far > tolerance))
        if tied:
            other = np.setdiff1d(other, taken_in_order(fitted, rows, given, other, 1.0, tolerance))
        return all(
            answers_either(fitted, rows.iloc[[row]], {name: x[[row]] for name, x in given.items()}, 1.0, tolerance)
            for row in other.tolist()
        )

    tied = DONORS in ties_of(fitted.steps).values()
    low = LEAST
    high = next((step for step in STEPS if not agree(step)), None)
    if high is None or not agree(low):
        return None
    low = max([low, *(step for step in STEPS if step < high)])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if agree(middle) else (low, middle)
    return low


def changed(sample: pd.DataFrame, names: list[str], value: float) -> pd.DataFrame:
    """Rows with the number and its negative in one of the columns, and in all of them."""
    change, rows = with_number(value, -value), sample.iloc[:ROWS]
    return pd.concat([change(rows, block) for block in [*([name] for name in names[:MOST_ALONE]), names]])
