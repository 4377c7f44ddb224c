"""From when to when moments may be, and how long durations: as far as the pipeline computes with them.

pandas raises where a difference or a clock's time is beyond what its unit counts; the graph would count on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from alpenglow._export.errors import SampleError
from alpenglow._export.pipeline import zones
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.moments import counts, moments
from alpenglow._export.pipeline.times import Kept
from alpenglow._serve.signature import NAT, Column
from alpenglow._serve.times import DAY, Taken

Span = tuple[int, int]
MOST_APART = 50  # columns of which each is asked about alone
CENTURY = 36_525  # days


def described(fitted: Fitted, row: pd.DataFrame, sample: pd.DataFrame, times: Mapping[str, Kept]) -> dict[str, Column]:
    """The signature's columns of moments and durations, without whether they may be missing.

    Args:
        fitted: The pipeline.
        row: One row that it predicts.
        sample: The rows that it is checked on.
        times: How such columns are kept.

    Raises:
        SampleError: One holds what no request could.
    """
    columns = {name: how.column(name) for name, how in times.items()}
    own = {name: span_of(sample[name], column) for name, column in columns.items()}
    spans = {name: widening(column, times[name], own[name]) for name, column in columns.items()}
    chosen = agreed(fitted, row, sample, columns, spans)
    return {
        name: signed(column, sample[name], own[name], None if chosen[name] == whole(column) else chosen[name])
        for name, column in columns.items()
    }


def span_of(values: "pd.Series[Any]", column: Column) -> Span:
    """The least and the greatest count of a sample's column; 0 if it has none."""
    found = counts(values, column)
    present, taken = found[found != NAT], Taken(column)
    span = (int(present.min()), int(present.max())) if len(present) else (0, 0)
    for count in span:
        if not taken.lowest <= count <= taken.highest:
            raise SampleError(
                f"column {column.name!r} holds a time that requests cannot have: "
                f"they are taken from {taken.text(taken.lowest)} to {taken.text(taken.highest)}"
            )
    return span


def whole(column: Column) -> Span:
    """All that a request may have."""
    taken = Taken(column)
    return taken.lowest, taken.highest


def widening(column: Column, how: Kept, own: Span) -> list[Span]:
    """What may be asked for, from the most to the sample's own.

    Raises:
        SampleError: The sample is beyond what is known of its zone.
    """
    day = DAY[how.unit]
    years = [np.datetime64(f"{year}-01-01").astype(np.int64).item() for year in (zones.FIRST, zones.LAST + 1)]
    some = (-CENTURY * day, CENTURY * day) if how.duration else (years[0] * day, years[1] * day - 1)
    if how.zone is None or zones.is_fixed(how.zone):
        return [whole(column), (min(some[0], own[0]), max(some[1], own[1])), own]
    if own[0] < some[0] or own[1] > some[1]:
        raise SampleError(
            f"column {column.name!r} holds a time beyond the years {zones.FIRST} to {zones.LAST}, for which the clocks "
            f"of {how.zone} are known"
        )
    return [some, own]


def agreed(
    fitted: Fitted,
    row: pd.DataFrame,
    sample: pd.DataFrame,
    columns: Mapping[str, Column],
    spans: Mapping[str, Sequence[Span]],
) -> dict[str, Span]:
    """The widest span of each column whose ends scikit-learn predicts, together with those of the others."""
    level = dict.fromkeys(columns, 0)
    present = {name: sample[name].dropna() for name in columns}
    whole_row = row.assign(
        **{name: found.iloc[[0]].set_axis(row.index) for name, found in present.items() if len(found)}
    )
    row = whole_row if fitted.predicts(whole_row) else row

    def ends(names: Sequence[str]) -> bool:
        found = {name: spans[name][level[name]] for name in names}
        return all(fitted.predicts(frame) for frame in corners(row, sample, columns, found))

    while not ends(list(columns)):
        alone = [name for name in columns if not ends([name])] or list(columns)
        left = [name for name in alone if level[name] < len(spans[name]) - 1]
        if not left:
            break
        level |= {name: level[name] + 1 for name in left if level[name] == min(level[name] for name in left)}
    return {name: spans[name][place] for name, place in level.items()}


def corners(
    row: pd.DataFrame, sample: pd.DataFrame, columns: Mapping[str, Column], spans: Mapping[str, Span]
) -> Iterator[pd.DataFrame]:
    """The row with all of some columns at one end, and with each of them at the other end than the rest."""
    for side in (0, 1):
        for other in [None, *(list(spans)[:MOST_APART] if len(spans) > 1 else [])]:
            found = {name: span[1 - side if name == other else side] for name, span in spans.items()}
            made = {
                name: moments(np.array([count]), sample[name], columns[name]).set_axis(row.index)
                for name, count in found.items()
            }
            yield row.assign(**made)


def signed(column: Column, values: "pd.Series[Any]", own: Span, limit: Span | None) -> Column:
    """The column with a typical value, what the sample has, and what is taken if that is less than all."""
    found = np.sort(counts(values, column))
    present, taken = found[found != NAT], Taken(column)
    typical = taken.text(int(present[(len(present) - 1) // 2])) if len(present) else taken.text(0)
    least, most = map(taken.text, own)
    lowest, highest = (None, None) if limit is None else map(taken.text, limit)
    assert column.time  # noqa: S101 - it is a column of times
    time = msgspec.structs.replace(
        column.time,
        minimum=least if len(present) else None,
        maximum=most if len(present) else None,
        lowest=lowest,
        highest=highest,
    )
    return msgspec.structs.replace(column, example=typical, time=time)
