"""Rows of the sample with one column changed, those of many columns in one frame.

Some hundred frames of some hundred columns take minutes to make and to predict; one frame of as many rows does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_CELLS = 2**21  # of a frame: 16 MiB of numbers
Pieces = list[tuple[int, "pd.Series[Any]"]]  # values that a column gets, and the row that each run of them begins at


@dataclass(frozen=True, eq=False)
class Change:
    """Rows of the sample, by their places `[R]`, and the values `[R]` that they get in one column."""

    name: str
    at: NDArray[np.int64]
    values: "pd.Series[Any]"


def frames(sample: pd.DataFrame, changes: Iterable[Change]) -> Iterator[pd.DataFrame]:
    """All changed rows, as many in one frame as `parts` allows."""
    return (joined(sample, part) for part in parts(sample, changes))


def parts(sample: pd.DataFrame, changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes in groups that make at most `MOST_CELLS` cells; one that would alter other rows is alone."""
    part: list[Change] = []
    rows = 0
    for change in changes:
        alone = common(sample[change.name].dtype, change.values.dtype) is None
        if part and (alone or (rows + len(change.at)) * sample.shape[1] > MOST_CELLS):
            yield part
            part, rows = [], 0
        part.append(change)
        rows += len(change.at)
        if alone:
            yield part
            part, rows = [], 0
    if part:
        yield part


def joined(sample: pd.DataFrame, changes: Sequence[Change]) -> pd.DataFrame:
    """The changed rows, those of one change below those of another."""
    frame = sample.iloc[np.concatenate([change.at for change in changes])].reset_index(drop=True)
    if len(changes) == 1:
        return frame.assign(**{changes[0].name: changes[0].values.set_axis(frame.index)})
    pieces: dict[str, Pieces] = {}
    dtypes: dict[str, Any] = {}
    start = 0
    for change in changes:
        pieces.setdefault(change.name, []).append((start, change.values))
        dtypes[change.name] = common(sample[change.name].dtype, change.values.dtype)
        start += len(change.at)
    numbers = {name: found for name, found in pieces.items() if dtypes[name] == np.float64}
    others = {name: put(frame[name], dtypes[name], pieces[name]) for name in pieces if name not in numbers}
    rest = pd.concat([frame.drop(columns=list(pieces)), pd.DataFrame(others, index=frame.index)], axis=1)
    return beside(list(numbers), matrix(frame, numbers), rest, list(sample.columns))


def common(own: Any, changed: Any) -> Any:
    """The type of a column once some of its rows are changed; None where the others would not stay what they are."""
    if own == changed:
        return own
    if all(isinstance(dtype, np.dtype) and dtype.kind in "iuf" for dtype in (own, changed)):
        return np.dtype(np.float64)
    if {str(own), str(changed)} == {"bool", "object"}:
        return np.dtype(object)
    return own if all(str(dtype) in ("object", "str", "string") for dtype in (own, changed)) else None


def matrix(frame: pd.DataFrame, pieces: Mapping[str, Pieces]) -> NDArray[np.float64]:
    """The changed columns of numbers, `[N, C]`."""
    found = np.array(frame[list(pieces)].to_numpy(np.float64))
    for place, runs in enumerate(pieces.values()):
        for start, values in runs:
            found[start : start + len(values), place] = values.to_numpy(np.float64)
    return found


def put(column: "pd.Series[Any]", dtype: Any, pieces: Pieces) -> "pd.Series[Any]":
    """A column with other values from some rows on."""
    found = column.astype(dtype).array.copy()
    for start, values in pieces:
        found[start : start + len(values)] = values.astype(dtype).array
    result: pd.Series[Any] = pd.Series(found, index=column.index, dtype=dtype)
    return result


def beside(
    numbers: Sequence[str], values: NDArray[np.float64], rest: pd.DataFrame, order: Sequence[str]
) -> pd.DataFrame:
    """A frame of columns of numbers, whose values are a matrix `[N, C]`, and others, in an order."""
    made = pd.DataFrame(values, columns=list(numbers))
    if rest.shape[1]:
        made = pd.concat([made, rest], axis=1)
    return made if list(made.columns) == list(order) else made[list(order)]
