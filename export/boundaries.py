"""Rows laid on the edges of a pipeline: for each the last value before it decides otherwise, and the first after."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.edges import Edges, find
from alpenglow._export.silence import silenced

# Of more edges than this, as many are taken at random.
MOST_EDGES = 20_000
MOST_COMBINED = 5_000
PROBES = 16
# How far from an edge, in ranges of the column, where the graph is equal to rounding only.
APART = 1e-7
MOST_STARTS = 2_000
SIGN = np.uint64(1 << 63)
MOVED = "\ufdd2 moved"  # begins with a noncharacter: no column's name


def boundary_rows(pipeline: Any, sample: pd.DataFrame, numbers: Sequence[str]) -> tuple[pd.DataFrame, int, int]:
    """Rows of the sample with one number moved onto an edge or beside it, and rows with all numbers so moved.

    Args:
        pipeline: Fitted.
        sample: Rows that it predicts.
        numbers: The columns of numbers.

    Returns:
        The rows; how many edges they lie on; how many edges there are. An edge is out of reach where no value
        between the sample's least and largest makes the difference.
    """
    random = np.random.default_rng(0)
    rows = sample.astype(dict.fromkeys(numbers, np.float64))
    groups = find(pipeline)
    total = sum(len(edges.value) for edges in groups)
    placed = []
    for edges in groups:
        chosen = edges
        if total > MOST_EDGES:
            some = random.random(len(edges.value)) < MOST_EDGES / total
            chosen = replace(edges, feature=edges.feature[some], value=edges.value[some])
        with silenced():
            placed.append(place(chosen, rows, numbers))
    found = pd.concat([rows.iloc[:0], *placed], ignore_index=True)
    beside = spread(found)
    return pd.concat([beside, combined(found, sample, random)], ignore_index=True), len(found) // 2, total


def place(edges: Edges, rows: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """Two rows for each edge within reach, found by bisection; `MOVED` names the column that was moved."""
    try:
        moves = influence(edges, rows, numbers)
    except (ValueError, TypeError):  # it sees text, or nothing of its own
        moves = np.zeros((len(numbers), 1))
    known = edges.feature < moves.shape[1]
    feature, value = edges.feature[known], edges.value[known]
    reach = moves[:, feature].any(axis=0)
    feature, value = feature[reach], value[reach]
    if not len(feature):
        nothing: pd.DataFrame = rows.iloc[:0].assign(**{MOVED: ""})
        return nothing
    column = moves[:, feature].argmax(axis=0)
    table = rows.iloc[nearest(edges, rows.iloc[:MOST_STARTS], feature, value)].reset_index(drop=True)
    table[MOVED] = np.array(numbers, dtype=object)[column]

    def before(at: NDArray[np.float64]) -> NDArray[np.bool_]:
        seen = numeric(edges.sees(moved(table, at).drop(columns=MOVED)))[np.arange(len(feature)), feature]
        return np.asarray((seen.astype(np.float32) if edges.float32 else seen) <= value)

    spans = rows[list(numbers)].agg(["min", "max"]).to_numpy()[:, column]
    low, high = bisect(before, spans[0], spans[1])
    if edges.sees.rounded:
        apart = APART * (spans[1] - spans[0]) * np.sign(high - low)
        low, high = low - apart, high + apart
    crossed = before(low) != before(high)
    found: pd.DataFrame = pd.concat([moved(table, low)[crossed], moved(table, high)[crossed]], ignore_index=True)
    return found


def nearest(
    edges: Edges, rows: pd.DataFrame, feature: NDArray[np.int64], value: NDArray[np.float64]
) -> NDArray[np.int64]:
    """For each edge the place of a row that is next to it already, so that one column can bring it over."""
    seen = numeric(edges.sees(rows))
    found = np.zeros(len(feature), np.int64)
    for one in np.unique(feature):
        mine = feature == one
        order = np.argsort(seen[:, one], kind="stable")
        found[mine] = order[np.minimum(np.searchsorted(seen[order, one], value[mine]), len(order) - 1)]
    return found


def moved(table: pd.DataFrame, at: NDArray[np.float64]) -> pd.DataFrame:
    """The rows with the value of each one's moved column replaced."""
    table = table.copy()
    for name in table[MOVED].unique():
        mine = (table[MOVED] == name).to_numpy()
        table.loc[mine, name] = at[mine]
    return table


def influence(edges: Edges, rows: pd.DataFrame, numbers: Sequence[str]) -> NDArray[np.float64]:
    """How far each column of numbers moves each feature, `[C, F]`, as far as a few rows show it."""
    some = rows.iloc[: 2 * PROBES]
    plain = numeric(edges.sees(some))
    found = np.zeros((len(numbers), plain.shape[1]))
    for index, name in enumerate(numbers):
        present = rows[name].dropna()
        if len(present):
            values = np.quantile(present, np.linspace(0, 1, PROBES), method="nearest")
            changed = numeric(edges.sees(some.assign(**{name: np.resize(values, len(some))})))
            found[index] = np.nan_to_num(np.abs(changed - plain), nan=1.0).max(axis=0)
    return found


def numeric(table: Any) -> NDArray[np.float64]:
    """A table of numbers as an array, dense."""
    return np.asarray(table.toarray() if hasattr(table, "toarray") else table, np.float64)


def bisect(before: Any, low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Neighbouring float64 between `low` and `high` of which one is before the edge and the other is not."""
    left, right = ordered(np.ascontiguousarray(low)), ordered(np.ascontiguousarray(high))
    first = before(low)
    while (right - left > np.uint64(1)).any():
        middle = left + (right - left) // np.uint64(2)
        on_left = before(unordered(middle)) == first
        left, right = np.where(on_left, middle, left), np.where(on_left, right, middle)
    return unordered(left), unordered(right)


def ordered(x: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Integers in the order of the floats, neighbours to neighbours: the bits, turned over below zero."""
    bits = x.view(np.uint64)
    return np.where(bits >> 63, ~bits, bits | SIGN)


def unordered(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The floats of such integers."""
    return np.where(keys >> 63, keys ^ SIGN, ~keys).view(np.float64)


def spread(found: pd.DataFrame) -> pd.DataFrame:
    """The rows, and beside each of them those one float32 up and down."""
    if not len(found):
        return found.drop(columns=MOVED, errors="ignore")
    at = np.array([row[row[MOVED]] for row in found.to_dict("records")])
    narrow = at.astype(np.float32)
    beside = [np.nextafter(narrow, np.float32(side)).astype(np.float64) for side in (-np.inf, np.inf)]
    return pd.concat([found, *(moved(found, x) for x in beside)], ignore_index=True).drop(columns=MOVED)


def combined(found: pd.DataFrame, sample: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Rows of the sample with every number on an edge of its own column."""
    if not len(found):
        return sample.iloc[:0]
    rows = sample.iloc[random.integers(0, len(sample), min(MOST_COMBINED, len(found)))].reset_index(drop=True)
    for name in found[MOVED].unique():
        rows[name] = random.choice(found.loc[found[MOVED] == name, name].to_numpy(), len(rows))
    return rows
