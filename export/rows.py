"""Rows that a client may send and a sample may lack."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.boundaries import boundary_rows
from alpenglow._export.probe import with_missing, with_number, with_unknown
from alpenglow._export.refused import attempt
from alpenglow._serve.signature import Column

PROBE_ROWS = 100
MOST_PROBED_ROWS = 20_000
MOST_CATEGORY_ROWS = 20_000
# Zeros of both signs, the smallest number, whole numbers that float32 and float64 cannot hold.
UNUSUAL = (0.0, -0.0, 5e-324, -1.0, 2.0**24 + 1, 2.0**31, 2.0**53 + 2, -(2.0**63), 1e-30, 1e30)


@dataclass(frozen=True)
class Kind:
    """Rows of one kind, in frames that are made when they are asked for; `note` says more of them."""

    what: str
    frames: Iterator[pd.DataFrame]
    note: str = ""


def kinds(pipeline: Any, columns: Sequence[Column], sample: pd.DataFrame) -> Iterator[Kind]:
    """What there is to try, one changed column at a time, except where many numbers are moved onto edges at once."""
    rows = sample.iloc[: max(1, min(PROBE_ROWS, MOST_PROBED_ROWS // len(columns)))]
    nullable = [c.name for c in columns if c.nullable]
    numbers = [c.name for c in columns if c.type == "number"]
    unknown = [c.name for c in columns if c.type == "string" and not c.closed]
    limited = [(c.name, limit) for c in columns for limit in (c.lowest, c.highest) if limit is not None]
    if nullable:
        gaps = [name for name in numbers if name in nullable]
        emptied = with_missing(sample)
        together = [joined(emptied(rows, [name]) for name in gaps)] if gaps else []
        rest = (emptied(rows, [name]) for name in nullable if name not in gaps)
        yield Kind("a missing value", chain(together, rest))
    if unknown:
        yield Kind("an unknown category", (with_unknown(rows, [name]) for name in unknown))
    if any(c.type != "number" for c in columns):
        yield Kind("each category", (categories(c, sample) for c in columns if c.type != "number"))
    if limited:
        frames = [with_number(limit)(rows, [name]) for name, limit in limited]
        yield Kind("the largest number", accepted(pipeline, frames))
    if numbers:
        yield Kind("an unusual number", unusual(pipeline, rows, [c for c in columns if c.type == "number"]))
        moved, reached, total = boundary_rows(pipeline, sample, numbers)
        if len(moved):
            yield Kind("a threshold or edge", iter([moved]), f", on {reached:,} of {total:,} thresholds and edges")


def categories(column: Column, sample: pd.DataFrame) -> pd.DataFrame:
    """Rows with every value that is known of a column; and some that are almost one, where scikit-learn takes them."""
    values: list[Any] = (
        [False, True] if column.type == "boolean" else list(column.categories or ())[:MOST_CATEGORY_ROWS]
    )
    if column.type == "string" and not column.closed:
        values += ["", " ", *(change(str(column.example)) for change in CHANGES)]
    rows = sample.iloc[np.arange(len(values)) % len(sample)].reset_index(drop=True)
    return rows.assign(**{column.name: like(sample[column.name], values, object if column.type == "string" else bool)})


def like(column: "pd.Series[Any]", values: list[Any], otherwise: type) -> "pd.Series[Any]":
    """The values as a column of the sample's type, if that is one of pandas' own and can hold them all."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) and not set(values) <= set(dtype.categories):
        return pd.Series(values, dtype=otherwise)
    return pd.Series(values, dtype=otherwise if isinstance(dtype, np.dtype) else dtype)


CHANGES: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.strip, lambda text: text + " ")


def unusual(pipeline: Any, rows: pd.DataFrame, numbers: Sequence[Column]) -> Iterator[pd.DataFrame]:
    """Rows with unusual numbers, and with infinities, as far as scikit-learn takes them."""
    usable = {c.name: [value for value in UNUSUAL if allowed(c, value)] for c in numbers}
    yield from accepted(pipeline, [each(rows, name, values) for name, values in usable.items()])
    endless = [each(rows, c.name, [np.inf, -np.inf]) for c in numbers if c.lowest is None and c.highest is None]
    if endless:
        yield from accepted(pipeline, endless)


def allowed(column: Column, value: float) -> bool:
    """Whether a number is within a column's limits."""
    above = column.lowest is None or column.lowest <= value
    return above and (column.highest is None or value <= column.highest)


def each(rows: pd.DataFrame, column: str, values: Sequence[float]) -> pd.DataFrame:
    """As many rows as values, with these in one column."""
    return rows.iloc[np.arange(len(values)) % len(rows)].assign(**{column: np.array(values, np.float64)})


def accepted(pipeline: Any, frames: Sequence[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The frames in one, or those that scikit-learn takes, or those of their rows."""
    everything = joined(frames)
    if attempt(pipeline, everything) is not None:
        yield everything
        return
    for frame in frames:
        if attempt(pipeline, frame) is not None:
            yield frame
        elif np.isfinite(frame.select_dtypes("number").to_numpy(np.float64)).all():
            yield from (one for at in range(len(frame)) if attempt(pipeline, one := frame.iloc[[at]]) is not None)


def joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Frames that differ in numbers alone, one below the other."""
    parts = list(frames)
    if (parts[0].dtypes == np.float64).all():
        # pandas.concat takes half a minute for a thousand frames of a thousand columns.
        return pd.DataFrame(np.concatenate([part.to_numpy() for part in parts]), columns=parts[0].columns)
    return pd.concat(parts, ignore_index=True)
