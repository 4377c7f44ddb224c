"""Rows of whole and half numbers: where people measure in steps, distances are equal and margins are met exactly."""

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.gate.movable import Rows

MOST_ROWS = 1_500
MOST_CELLS = 150_000
LEAST_ROWS = 200
# How many steps a column's range has: with fewer than the least or more than the most of whole numbers, powers of two
# smaller or larger than one take their place.
LEAST_STEPS, USUAL_STEPS, MOST_STEPS = 4, 16, 256


def grid_rows(rows: Rows) -> pd.DataFrame:
    """All points of the grid if they are few, else as many at random, in rows of the sample."""
    random = np.random.default_rng(0)
    axes = [axis(least, greatest) for least, greatest in zip(rows.least, rows.greatest, strict=True)]
    count = max(LEAST_ROWS, min(MOST_ROWS, MOST_CELLS // len(rows.order)))
    if np.prod([float(len(one)) for one in axes]) <= count:
        matrix = np.array(list(product(*axes)))
    else:
        matrix = np.stack([random.choice(one, count) for one in axes], axis=1)
    return rows.frame(random.integers(0, len(rows.matrix), len(matrix)), matrix)


def axis(least: float, greatest: float) -> NDArray[np.float64]:
    """The whole numbers of a range and the halves between them; multiples of another power of two if need be."""
    size = greatest - least
    if not np.isfinite(size) or size == 0:
        return np.array([least])
    step = 1.0 if LEAST_STEPS <= size <= MOST_STEPS else 2.0 ** np.round(np.log2(size / USUAL_STEPS))
    halves = np.arange(np.ceil(2 * least / step), np.floor(2 * greatest / step) + 1)
    points = halves * step / 2
    return np.asarray(points[(points >= least) & (points <= greatest)])
