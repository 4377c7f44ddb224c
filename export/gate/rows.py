"""Rows that a client may send and a sample may lack."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.gate.borders import border_rows
from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.changes import MOST_CELLS, Change, frames
from alpenglow._export.gate.grids import grid_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.gate.times import unusual_times
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.probe import accepting, with_missing, with_number, with_unknown
from alpenglow._export.proved.forests import Forest
from alpenglow._serve.signature import Column

PROBE_ROWS = 100  # of each column
MOST_PROBED_ROWS = 5_000  # of all columns together, of which each has at least one
MOST_UNUSUAL_ROWS = 1_500  # of all columns together
MOST_CATEGORY_ROWS = 20_000  # of each column
MOST_CATEGORY_CELLS = 20_000_000  # of all columns together
# Zeros of both signs, the smallest number, whole numbers that float32 and float64 cannot hold; and growing ones, whose
# squares, cubes and sums overflow one after the other.
UNUSUAL = (0.0, -0.0, 5e-324, -1.0, 2.0**24 + 1, 2.0**31, 2.0**53 + 2, -(2.0**63), 1e-30, 1e30)
GROWING = (1e77, -1e102, 1e154, -1.4e154, 1e200, -1e300)


@dataclass(frozen=True)
class Kind:
    """Rows of one kind, in frames that are made when they are asked for; `note` says more of them."""

    what: str
    frames: Iterator[pd.DataFrame]
    note: str = ""
    rows: int = 0  # how many there will be at most, as far as that is known before


def kinds(
    fitted: Fitted, columns: Sequence[Column], sample: pd.DataFrame, proved: Sequence[Forest] = ()
) -> Iterator[Kind]:
    """What there is to try, one changed column at a time, except where many numbers are moved onto edges at once."""
    nullable = [c.name for c in columns if c.nullable]
    numbers, times = [c for c in columns if c.type == "number"], [c for c in columns if c.time]
    others = [c for c in columns if c.type in ("string", "boolean")]
    unknown = [c.name for c in columns if c.type == "string" and not c.closed]
    limited = [c for c in numbers if c.lowest is not None or c.highest is not None]
    if nullable:
        yield kind("a missing value", sample, one_by_one(sample, nullable, with_missing(sample)))
    if unknown:
        yield kind("an unknown category", sample, one_by_one(sample, unknown, with_unknown))
    known = (categories(others, sample) if others else []) + numeric_categories(fitted, numbers, sample)
    if known:
        yield kind("each category", sample, known)
    if limited:
        yield kind("the largest number", sample, largest(limited, sample))
    if numbers:
        yield kind("an unusual number", sample, unusual(numbers, sample) + infinite(fitted, numbers, sample))
    if times:
        yield kind("a date, time or duration beside a border", sample, unusual_times(times, sample))
    if numbers or times:
        rows = Rows(sample, [c.name for c in numbers], times)
        yield all_at_once("whole and half numbers", grid_rows(rows))
        between = border_rows(fitted, rows)
        if len(between):
            yield all_at_once("the border of a decision", between)
        moved, reached, edges = boundary_rows(fitted, rows, proved)
        if len(moved):
            note = f", on {reached:,} of {edges:,} thresholds and edges"
            yield all_at_once("a threshold or edge", moved, note)


def kind(what: str, sample: pd.DataFrame, changes: Sequence[Change]) -> Kind:
    """The changed rows; those of them that scikit-learn refuses are left out of the comparison, and counted."""
    return Kind(what, frames(sample, changes), rows=sum(len(change.at) for change in changes))


def all_at_once(what: str, rows: pd.DataFrame, note: str = "") -> Kind:
    """Rows that are made already."""
    return Kind(what, in_parts(rows), note, len(rows))


def in_parts(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in frames of at most `MOST_CELLS` cells."""
    step = max(1, MOST_CELLS // rows.shape[1])
    return (rows.iloc[at : at + step] for at in range(0, len(rows), step))


def share(count: int, most: int = MOST_PROBED_ROWS) -> int:
    """How many rows each of so many changes gets: fewer in wide tables, where all of them would take long."""
    return max(1, min(PROBE_ROWS, most // count))


def places(sample: pd.DataFrame, rows: int, turn: int) -> NDArray[np.int64]:
    """So many of the sample's rows, other ones for each turn."""
    return np.arange(turn * rows, (turn + 1) * rows) % len(sample)


def one_by_one(sample: pd.DataFrame, columns: Sequence[str], change: Callable[..., pd.DataFrame]) -> list[Change]:
    """One column after the other changed, each in rows of its own."""
    rows = sample.iloc[: share(len(columns))]
    changed = change(rows, columns)
    return [
        Change(name, places(sample, len(rows), turn), changed[name].reset_index(drop=True))
        for turn, name in enumerate(columns)
    ]


def categories(columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """Every value that is known of a column; and some that are almost one, where scikit-learn takes them."""
    most = max(PROBE_ROWS, min(MOST_CATEGORY_ROWS, MOST_CATEGORY_CELLS // (sample.shape[1] * len(columns))))
    changes = []
    for column in columns:
        values: list[Any] = [False, True] if column.type == "boolean" else list(column.categories or ())[:most]
        if column.type == "string" and not column.closed:
            values += ["", " ", *(change(str(column.example)) for change in CHANGES)]
        series = like(sample[column.name], values, object if column.type == "string" else bool)
        changes.append(Change(column.name, places(sample, len(values), 0), series))
    return changes


def numeric_categories(fitted: Fitted, columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """Every number that is known as a category, and one more."""
    found = fitted.known_categories(list(map(str, sample.columns)))
    changes = []
    for turn, column in enumerate(columns):
        values = [float(value) for value in found.get(column.name, ()) if not pd.isna(value)][:MOST_CATEGORY_ROWS]
        if values:
            changes.append(numbered(sample, column.name, [*values, max(values) + 1], turn))
    return changes


def like(column: "pd.Series[Any]", values: list[Any], otherwise: type) -> "pd.Series[Any]":
    """The values as a column of the sample's type, if that is one of pandas' own and can hold them all."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) and not set(values) <= set(dtype.categories):
        return pd.Series(values, dtype=otherwise)
    return pd.Series(values, dtype=otherwise if isinstance(dtype, np.dtype) else dtype)


CHANGES: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.strip, lambda text: text + " ")


def largest(columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """The least and the greatest number that a column takes."""
    limits = [(c.name, limit) for c in columns for limit in (c.lowest, c.highest) if limit is not None]
    rows = share(len(limits), MOST_UNUSUAL_ROWS)
    return [numbered(sample, name, [limit] * rows, turn) for turn, (name, limit) in enumerate(limits)]


def unusual(columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """Unusual numbers, as far as they are within a column's limits; of many columns each gets some of them in turn."""
    changes = []
    for turn, column in enumerate(columns):
        values = [value for value in UNUSUAL + GROWING if allowed(column, value)]
        some = share(len(columns), MOST_UNUSUAL_ROWS)
        first = turn * some % len(values) if some < len(values) else 0
        changes.append(numbered(sample, column.name, (values[first:] + values[:first])[:some], turn))
    return changes


def infinite(fitted: Fitted, columns: Sequence[Column], sample: pd.DataFrame) -> list[Change]:
    """Infinities, where a column has no limits and scikit-learn takes them; most of its estimators do not."""
    endless = [c.name for c in columns if c.lowest is None and c.highest is None]
    taken = accepting(fitted, sample.iloc[:1], [endless], with_number(np.inf, -np.inf))
    names = [name for name in endless if name in taken]
    return [numbered(sample, name, [np.inf, -np.inf], turn) for turn, name in enumerate(names)]


def numbered(sample: pd.DataFrame, column: str, values: Sequence[float], turn: int) -> Change:
    """As many rows as values, with these in one column."""
    return Change(column, places(sample, len(values), turn), pd.Series(values, dtype=np.float64))


def allowed(column: Column, value: float) -> bool:
    """Whether a number is within a column's limits."""
    above = column.lowest is None or column.lowest <= value
    return above and (column.highest is None or value <= column.highest)
