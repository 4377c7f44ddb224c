"""Rows of a sample whose numbers can be moved, as matrices and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.gate.changes import beside
from alpenglow._export.pipeline.moments import counts, moments
from alpenglow._serve.signature import NAT, Column
from alpenglow._serve.times import Taken


class Counted:
    """A column of moments or durations as float64, and back: whole counts that are near, and are taken."""

    def __init__(self, column: Column, values: "pd.Series[Any]") -> None:
        self.column, self.like, self.taken = column, values, Taken(column)
        found = counts(values, column)
        gaps = found == NAT
        self.origin = int(np.median(found[~gaps])) if not gaps.all() else 0
        self.numbers = np.where(gaps, np.nan, np.where(gaps, 0, found - self.origin).astype(np.float64))

    def made(self, numbers: NDArray[np.float64]) -> "pd.Series[Any]":
        """Numbers as moments or durations."""
        gaps = np.isnan(numbers)
        low, high = (limit - self.origin for limit in (self.taken.lowest, self.taken.highest))
        near = np.clip(np.where(gaps, 0.0, np.rint(numbers)), max(low, -(2.0**62)), min(high, 2.0**62))
        found = np.clip(near.astype(np.int64), low, high) + self.origin
        return moments(np.where(gaps, NAT, found), self.like, self.column)


class Rows:
    """Rows of a sample whose numbers can be replaced all at once, by a matrix; moments and durations are numbers, too.

    These are counts, from one in the middle of the sample on: as exact as float64 can be.
    """

    def __init__(self, sample: pd.DataFrame, numbers: Sequence[str], times: Sequence[Column] = ()) -> None:
        self.order, self.numbers = list(sample.columns), [*numbers, *(column.name for column in times)]
        self.times = {column.name: Counted(column, sample[column.name]) for column in times}
        matrix = sample[list(numbers)].astype(np.float64).to_numpy()
        counted = [each.numbers[:, np.newaxis] for each in self.times.values()]
        self.matrix = np.concatenate([matrix, *counted], axis=1)
        self.least, self.greatest = (reduce(self.matrix, axis=0) for reduce in (np.fmin.reduce, np.fmax.reduce))
        self.rest = sample.drop(columns=self.numbers)

    def frame(self, at: NDArray[np.int64], matrix: NDArray[np.float64]) -> pd.DataFrame:
        """The rows at some places `[R]` with other numbers, `[R, C]`."""
        rest = self.rest.iloc[at].reset_index(drop=True)
        count = len(self.numbers) - len(self.times)
        counted = {name: each.made(matrix[:, count + place]) for place, (name, each) in enumerate(self.times.items())}
        return beside(self.numbers[:count], matrix[:, :count], rest.assign(**counted), self.order)

    def first(self, count: int) -> pd.DataFrame:
        """The first of the rows, as they are."""
        return self.frame(np.arange(min(count, len(self.matrix))), self.matrix[:count])
