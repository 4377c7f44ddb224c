"""Rows on the borders between decisions: between two labels, two centres, two orders of neighbours; found by bisection.

Where each family decides is said beside its converter; see `export.arithmetic.borders`. Whatever stands before a step
and whatever it is a part of, two rows of the table for which it decides differently have a border between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from alpenglow._export.arithmetic.borders import Borders, Decision
from alpenglow._export.gate.boundaries import APART
from alpenglow._export.gate.bounds import rounded
from alpenglow._export.gate.edges import Seen, walk
from alpenglow._export.gate.grids import grid_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.gate.near_ties import SUMS, ties_of
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.steps import walk as steps
from alpenglow._export.registry import borders_of
from alpenglow._export.silence import silenced

MOST_PAIRS = 200  # of all steps together
MOST_CELLS = 20_000
LEAST_PAIRS = 16  # of a step
MOST_STEPS = 12  # that decide
MOST_POOL = 1_000
MOST_HALVINGS = 80
DRAWS = 8
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decider:
    """A step that decides, what it sees of the rows, and what is decided."""

    step: Any
    sees: Seen
    borders: Borders
    decision: Decision
    rounded: bool  # the graph has the decision to rounding only

    def __call__(self, rows: pd.DataFrame) -> NDArray[Any]:
        """What it decides, `[N, K]`."""
        return self.decision(self.step, self.sees(rows)).reshape(len(rows), -1)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Numbers of two rows each, `[P, C]`, which both have the rest of one row of the sample, by its place `[P]`."""

    at: NDArray[np.int64]
    left: Matrix
    right: Matrix

    def some(self, chosen: NDArray[Any]) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.at[chosen], self.left[chosen], self.right[chosen])


def border_rows(fitted: Fitted, rows: Rows) -> pd.DataFrame:
    """Rows on either side of the borders that the steps of a pipeline have, and around them; maybe none.

    Args:
        fitted: The pipeline.
        rows: Rows that it predicts, with at least one column of numbers.
    """
    random = np.random.default_rng(0)
    at, matrices = [], []
    with silenced(), threadpool_limits(1, user_api="openmp"):
        deciding = deciders(fitted.estimator)
        most = max(LEAST_PAIRS, min(MOST_PAIRS, MOST_CELLS // len(rows.order)) // max(1, len(deciding)))
        for decider in deciding:
            for places, matrix in found(decider, rows, most, random):
                at.append(places)
                matrices.append(matrix)
    return rows.frame(np.concatenate(at), np.concatenate(matrices)) if at else rows.first(0)


def deciders(pipeline: Any) -> list[Decider]:
    """The steps that decide, the outermost first; of many some, evenly spread."""
    deciding = [
        Decider(step, sees, borders_of(step), decision, sees.rounded or to_rounding(step))
        for step, sees in walk(pipeline)
        for decision in borders_of(step).decisions
    ]
    some = np.unique(np.linspace(0, len(deciding) - 1, min(len(deciding), MOST_STEPS)).astype(np.int64))
    return [deciding[place] for place in some]


def to_rounding(step: Any) -> bool:
    """Whether the graph has what a step decides to rounding only: the step itself, or something that it is made of."""
    parts = list(steps(step))
    ties = set(ties_of(parts).values()) - {SUMS}  # on those a label alone can be another, and is asked for again
    inexact = bool(rounded(part for _, part in parts) or ties)
    return inexact or any(borders_of(part).rounded for _, part in parts)


def found(
    decider: Decider, rows: Rows, most: int, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], Matrix]]:
    """The rows of one step, as places in the sample and numbers: of equal distances, and of at most so many borders."""
    places, points = tied(decider, rows, random)
    yield places, points
    yield places, nudged(points, np.inf, random)
    try:
        pairs = apart(decider, rows, candidates(decider, rows, most, random))
    except (ValueError, TypeError):  # it is handed something else by what it is a part of
        return
    pairs = pairs.some(random.permutation(len(pairs.at))[:most])
    if not len(pairs.at):
        return
    near = bisected(decider, rows, pairs)
    if decider.rounded:
        away = APART * (pairs.right - pairs.left)
        near = apart(decider, rows, replace(near, left=near.left - away, right=near.right + away))
    yield near.at, near.left
    yield near.at, near.right
    if not decider.rounded:
        for side in (near.left, near.right):
            for towards in (-np.inf, np.inf):
                yield near.at, nudged(side, towards, random)


def tied(decider: Decider, rows: Rows, random: np.random.Generator) -> tuple[NDArray[np.int64], Matrix]:
    """Rows of which the step sees its points, where what stands before it takes numbers alone and can be undone."""
    none = np.empty((0, len(rows.numbers)))
    if (
        decider.rounded
        or decider.borders.points is None
        or decider.sees.back is None
        or len(rows.numbers) < len(rows.order)
    ):
        return np.empty(0, np.int64), none
    points = decider.sees.back(decider.borders.points(decider.step))
    if points.shape[1] != none.shape[1]:
        return np.empty(0, np.int64), none
    inside = points[((points >= rows.least) & (points <= rows.greatest)).all(axis=1)]
    return random.integers(0, len(rows.matrix), len(inside)), inside


def candidates(decider: Decider, rows: Rows, most: int, random: np.random.Generator) -> Pairs:
    """Pairs of rows of the sample and of whole numbers, moved in all numbers at once or in one of them."""
    sampled = random.permutation(len(rows.matrix))[: MOST_POOL // 2]
    matrix = np.concatenate(
        [rows.matrix[sampled], grid_rows(rows)[rows.numbers].to_numpy(np.float64)[: MOST_POOL // 2]]
    )
    at = np.resize(sampled, len(matrix))
    decided = decider(rows.frame(at, matrix))
    first = random.integers(0, len(matrix), DRAWS * most)
    second = random.integers(0, len(matrix), len(first))
    for _ in range(DRAWS):
        second = np.where(differ(decided[first], decided[second]), second, random.integers(0, len(matrix), len(first)))
    right = matrix[second].copy()
    alone = np.arange(0, len(first), 2)  # every other pair
    column = random.integers(0, matrix.shape[1], len(alone))
    right[alone] = matrix[first[alone]]
    right[alone, column] = matrix[second[alone], column]
    left = matrix[first]
    return Pairs(at[first], left, np.where(np.isfinite(left) & np.isfinite(right), right, left))


def apart(decider: Decider, rows: Rows, pairs: Pairs) -> Pairs:
    """Those pairs for which it decides differently."""
    left, right = (decider(rows.frame(pairs.at, side)) for side in (pairs.left, pairs.right))
    return pairs.some(differ(left, right))


def bisected(decider: Decider, rows: Rows, pairs: Pairs) -> Pairs:
    """Neighbouring rows on the way from one to the other, of which the left ones are decided as the pairs' left."""
    left, right = pairs.left, pairs.right
    first = decider(rows.frame(pairs.at, left))
    for _ in range(MOST_HALVINGS):
        middle = left / 2 + right / 2
        if not ((middle != left) & (middle != right) & ~np.isnan(middle)).any():
            break
        on_left = ~differ(decider(rows.frame(pairs.at, middle)), first)[:, np.newaxis]
        left, right = np.where(on_left, middle, left), np.where(on_left, right, middle)
    return Pairs(pairs.at, left, right)


def differ(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether rows of decisions `[N, K]` differ, `[N]`."""
    return np.asarray((one != other).any(axis=1))


def nudged(matrix: Matrix, towards: float, random: np.random.Generator) -> Matrix:
    """Rows with one number moved to the next float in a direction."""
    moved = matrix.copy()
    row, column = np.arange(len(moved)), random.integers(0, moved.shape[1], len(moved))
    moved[row, column] = np.nextafter(moved[row, column], towards)
    return moved
