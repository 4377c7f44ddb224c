"""Rows laid on the edges of a pipeline: for each the last value before it decides otherwise, and the first after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.gate.changes import MOST_CELLS
from alpenglow._export.gate.edges import Edges, find
from alpenglow._export.gate.halving import bisect
from alpenglow._export.gate.movable import Rows
from alpenglow._export.gate.steering import Steering
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.handed import ROWS
from alpenglow._export.proved.forests import Forest
from alpenglow._export.silence import silenced

# Of more edges than this, as many are taken at random; of thresholds of trees that are proved, fewer will do.
MOST_EDGES = 20_000
MOST_PROVED = 2_000
# Of a wide table fewer rows have a single number on an edge; all edges are among the rows with all numbers on one.
MOST_CELLS_OF_EDGES = 3_000_000
MOST_COMBINED = 5_000
PROBES = 16
MOST_CELLS_OF_PROBES = 8_000_000
# How far from an edge, in ranges of the column, where the graph is equal to rounding only.
APART = 1e-7
MOST_STARTS = 2_000


@dataclass(frozen=True, eq=False)
class Placed:
    """Edges `[E]` that a number can be moved onto: that of a row, by its place in the sample, and of a column."""

    start: NDArray[np.int64]
    column: NDArray[np.int64]
    low: NDArray[np.float64]  # the last number before the edge
    high: NDArray[np.float64]  # the first after

    def some(self, chosen: NDArray[Any]) -> "Placed":
        """Some of the edges."""
        return Placed(self.start[chosen], self.column[chosen], self.low[chosen], self.high[chosen])


def boundary_rows(fitted: Fitted, rows: Rows, proved: Sequence[Forest] = ()) -> tuple[pd.DataFrame, int, int]:
    """Rows of the sample with one number moved onto an edge or beside it, and rows with all numbers so moved.

    Args:
        fitted: The pipeline.
        rows: Rows that it predicts.
        proved: Trees that are known to be the graph's. Rows are chosen that reach the nodes with their thresholds.

    Returns:
        The rows; how many edges they lie on; how many edges there are. An edge is out of reach where no value
        between the sample's least and largest makes the difference.
    """
    random = np.random.default_rng(0)
    groups = find(fitted.estimator, rows.first(ROWS))
    total = sum(len(edges.value) for edges in groups)
    most = min(MOST_EDGES, MOST_CELLS_OF_EDGES // len(rows.order))
    steering = Steering(proved)
    of_trees = [steering.knows(edges.feature, edges.value, float32=edges.float32) for edges in groups]
    known = sum(int(these.sum()) for these in of_trees)
    placed = []
    for edges, these in zip(groups, of_trees, strict=True):
        share = np.where(these, MOST_PROVED / max(known, 1), MOST_EDGES / max(total - known, 1))
        some = random.random(len(edges.value)) < share
        chosen = replace(edges, feature=edges.feature[some], value=edges.value[some])
        with silenced():
            placed += place(chosen, rows, most, steering)
    if not any(len(one.low) for one in placed):
        return rows.first(0), 0, total
    found = Placed(*(np.concatenate(parts) for parts in zip(*(vars(one).values() for one in placed), strict=True)))
    alone = found if len(found.low) <= most else found.some(one_of_each_first(found.column, random)[:most])
    at, matrix = (np.concatenate(both) for both in zip(spread(alone, rows), combined(found, rows, random), strict=True))
    return rows.frame(at, matrix), len(found.low), total


def place(edges: Edges, rows: Rows, most: int, steering: Steering) -> list[Placed]:
    """The edges within reach, each found by bisection.

    Where a feature follows from one column alone, all such columns are moved at once. Of other edges at most so many
    are sought.
    """
    try:
        moves = influence(edges, rows)
    except (ValueError, TypeError):  # it sees text, or nothing of its own
        return []
    known = edges.feature < moves.shape[1]
    feature, value = edges.feature[known], edges.value[known]
    sources = (moves > 0).sum(axis=0)[feature]
    reach = (sources == 1) | ((sources > 1) & (np.cumsum(sources > 1) <= most))
    feature, value, sources = feature[reach], value[reach], sources[reach]
    if not len(feature):
        return []
    column = moves[:, feature].argmax(axis=0)
    seen = numeric(edges.sees(rows.first(MOST_STARTS)))
    reaching = steering.starts(seen, feature, value, float32=edges.float32)
    start = np.where(reaching < 0, nearest(seen, feature, value), reaching)
    found = []
    for together in (True, False):
        mine = np.flatnonzero((sources == 1) == together)
        row = rank(column[mine]) if together else np.arange(len(mine))
        step = max(1, MOST_CELLS // len(rows.order))
        for first in range(0, int(row.max(initial=-1)) + 1, step):
            part = (row >= first) & (row < first + step)
            some = mine[part]
            base = np.zeros(row[part].max() + 1 - first, np.int64) if together else start[some]
            sought = Sought(rows, edges, base, row[part] - first, column[some], feature[some], value[some])
            low, high, crossed = sought.as_far_as_taken()
            found.append(Placed(start[some], column[some], low, high).some(crossed))
    return found


@dataclass(frozen=True, eq=False)
class Sought:
    """Edges `[E]` to find: each in a row of a base, by moving a column until a feature passes a value."""

    rows: Rows
    edges: Edges
    base: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    feature: NDArray[np.int64]
    value: NDArray[np.float64]

    def before(self, at: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each feature is before its edge when the columns are at these numbers."""
        matrix = self.rows.matrix[self.base]
        matrix[self.row, self.column] = at
        seen = numeric(self.edges.sees(self.rows.frame(self.base, matrix)))[self.row, self.feature]
        return np.asarray((seen.astype(np.float32) if self.edges.float32 else seen) <= self.value)

    def both_sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """The numbers on the two sides of the edges, and whether they are that."""
        least, greatest = self.rows.least[self.column], self.rows.greatest[self.column]
        low, high = bisect(self.before, least, greatest)
        if self.edges.sees.rounded:
            apart = APART * (greatest - least) * np.sign(high - low)
            low, high = low - apart, high + apart
        return low, high, self.before(low) != self.before(high)

    def as_far_as_taken(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """The same, and nothing for columns of which a step takes some of the numbers only, as categories."""
        try:
            return self.both_sides()
        except Exception:  # whatever a step raises on numbers that it refuses
            columns = np.unique(self.column)
        if len(columns) < 2:
            return self.value, self.value, np.zeros(len(self.value), bool)
        first = self.column < columns[len(columns) // 2]
        found = np.empty((2, len(first))), np.zeros(len(first), bool)
        for part in (first, ~first):
            *sides, crossed = self.some(part).as_far_as_taken()
            found[0][:, part], found[1][part] = sides, crossed
        return found[0][0], found[0][1], found[1]

    def some(self, chosen: NDArray[np.bool_]) -> "Sought":
        """Some of the edges."""
        return replace(
            self,
            row=self.row[chosen],
            column=self.column[chosen],
            feature=self.feature[chosen],
            value=self.value[chosen],
        )


def rank(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each element how many of its group are before it."""
    order = np.argsort(groups, kind="stable")
    ordered_groups = groups[order]
    found = np.empty(len(groups), np.int64)
    found[order] = np.arange(len(groups)) - np.searchsorted(ordered_groups, ordered_groups)
    return found


def one_of_each_first(groups: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """The elements in an order in which one of each group comes first, then a second of each, and so on."""
    shuffled = random.permutation(len(groups))
    found: NDArray[np.int64] = shuffled[np.argsort(rank(groups[shuffled]), kind="stable")]
    return found


def nearest(seen: NDArray[np.float64], feature: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each edge the place of a row that is next to it already, so that one column can bring it over."""
    found = np.zeros(len(feature), np.int64)
    for one in np.unique(feature):
        mine = feature == one
        order = np.argsort(seen[:, one], kind="stable")
        found[mine] = order[np.minimum(np.searchsorted(seen[order, one], value[mine]), len(order) - 1)]
    return found


def influence(edges: Edges, rows: Rows) -> NDArray[np.float64]:
    """How far each column of numbers moves each feature, `[C, F]`, as far as a few rows show it."""
    width = len(rows.order)
    most = min(2 * PROBES, max(4, MOST_CELLS_OF_PROBES // width**2))
    plain = numeric(edges.sees(rows.first(most)))
    count = len(plain)
    probes = quantiles(rows.matrix, min(PROBES, count))
    found = np.zeros((len(rows.numbers), plain.shape[1]))
    step = max(1, MOST_CELLS // (count * width))
    for first in range(0, len(found), step):
        columns = np.arange(first, min(first + step, len(found)))
        at = np.tile(np.arange(count), len(columns))
        matrix = rows.matrix[at]
        matrix[np.arange(len(at)), np.repeat(columns, count)] = probes[at % len(probes), np.repeat(columns, count)]
        seen = numeric(edges.sees(rows.frame(at, matrix))).reshape(len(columns), count, -1)
        far = np.where((seen == plain) | (np.isnan(seen) & np.isnan(plain)), 0.0, np.abs(seen - plain))
        found[columns] = np.nan_to_num(far, nan=1.0).max(axis=1)
    return found


def quantiles(matrix: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """So many of each column's numbers, from the least to the greatest, `[count, C]`; NaN where there is none."""
    last = np.maximum((~np.isnan(matrix)).sum(axis=0) - 1, 0)
    places = np.rint(np.linspace(0, 1, count)[:, np.newaxis] * last).astype(np.int64)
    return np.take_along_axis(np.sort(matrix, axis=0), places, axis=0)


def numeric(table: Any) -> NDArray[np.float64]:
    """A table as an array of numbers, dense; text in it, which nothing can be moved by, is missing."""
    dense = table.toarray() if hasattr(table, "toarray") else table
    try:
        return np.asarray(dense, np.float64)
    except (ValueError, TypeError):
        frame = pd.DataFrame(dense).set_axis(range(dense.shape[1]), axis="columns").infer_objects()
        numbers = frame.select_dtypes(["number", "bool"])
        return numbers.reindex(columns=frame.columns).to_numpy(np.float64, na_value=np.nan)


def spread(found: Placed, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows with one number on either side of each edge, and beside each of them those one float32 up and down."""
    on = np.concatenate([found.low, found.high])
    narrow = on.astype(np.float32)
    values = np.concatenate([on, *(np.nextafter(narrow, np.float32(side)) for side in (-np.inf, np.inf))])
    at = np.tile(found.start, 6)
    matrix = rows.matrix[at]
    matrix[np.arange(len(at)), np.tile(found.column, 6)] = values
    return at, matrix


def combined(found: Placed, rows: Rows, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of the sample with every number on an edge of its own column, each edge as often as the others."""
    at = random.integers(0, len(rows.matrix), min(MOST_COMBINED, 2 * len(found.low)))
    matrix = rows.matrix[at]
    order = np.argsort(found.column, kind="stable")
    columns, starts = np.unique(found.column[order], return_index=True)
    for column, mine in zip(columns, np.split(order, starts[1:]), strict=True):
        values = random.permutation(np.concatenate([found.low[mine], found.high[mine]]))
        matrix[:, column] = np.resize(values, len(at))
    return at, matrix
