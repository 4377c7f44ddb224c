"""Ask the fitted pipeline what it takes, rather than infer it: missing values, unknown text, large numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.missing import without
from alpenglow._export.silence import silenced

LARGEST_FLOAT64 = float(np.finfo(np.float64).max)
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
SMALLEST = 5e-324  # above zero
UNKNOWN = "\ufdd1 unknown"  # begins with a noncharacter: among nobody's categories

Change = Callable[[pd.DataFrame, Sequence[str]], pd.DataFrame]


def accepts(pipeline: Any, rows: pd.DataFrame) -> bool:
    """Whether scikit-learn predicts the rows instead of raising."""
    with silenced():
        try:
            pipeline.predict(rows)
        except Exception:  # whatever it raises, it does not predict
            return False
    return True


def accepting(pipeline: Any, row: pd.DataFrame, columns: Sequence[str], change: Change) -> set[str]:
    """The columns in which scikit-learn takes the change; one question if it takes it in all at once.

    Args:
        pipeline: Fitted.
        row: One row that it predicts.
        columns: The candidates.
        change: Returns the row with the given columns changed.
    """
    if not columns or accepts(pipeline, change(row, columns)):
        return set(columns)
    return {name for name in columns if accepts(pipeline, change(row, [name]))}


def with_missing(sample: pd.DataFrame) -> Change:
    """A change that takes the value out of the given columns, and leaves what the sample has in its place."""
    return lambda rows, columns: rows.assign(**{name: without(rows[name], sample[name]) for name in columns})


def with_unknown(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows with text that no encoder has seen."""
    return rows.assign(**dict.fromkeys(columns, UNKNOWN))


def with_number(value: float | NDArray[np.float64]) -> Change:
    """A change that puts the number, or one for each row, into the given columns."""
    return lambda rows, columns: rows.assign(**dict.fromkeys(columns, value))


def limits(pipeline: Any, row: pd.DataFrame, columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The least and the greatest number that scikit-learn takes in a column, for the columns that have such limits.

    A forest refuses what float32 cannot hold. Where a step before it scales numbers up, the limit is lower: the
    largest power of two that passes. Some steps refuse what is below zero.
    """

    def takes(value: float, names: Sequence[str]) -> set[str]:
        return accepting(pipeline, row, names, with_number(value))

    def limit(name: str, sign: float) -> float:
        if takes(sign * LARGEST_FLOAT64, [name]):
            return sign * LARGEST_FLOAT64
        if takes(sign * LARGEST_FLOAT32, [name]):
            return sign * LARGEST_FLOAT32
        if takes(sign, [name]):
            return sign * 2.0 ** largest(lambda power: bool(takes(sign * 2.0**power, [name])))
        return 0.0 if takes(0.0, [name]) else -sign * SMALLEST

    def both(value: float, names: Sequence[str]) -> set[str]:
        up = takes(value, names)
        return up & takes(-value, list(up))

    unlimited = both(LARGEST_FLOAT64, columns)
    limited = [name for name in columns if name not in unlimited]
    in_float32 = both(LARGEST_FLOAT32, limited)
    return {
        name: (-LARGEST_FLOAT32, LARGEST_FLOAT32) if name in in_float32 else (limit(name, -1.0), limit(name, 1.0))
        for name in limited
    }


def largest(passes: Callable[[int], bool]) -> int:
    """The largest power of two that passes, sought in growing steps from float32's on; 0 passes, 1024 does not."""
    low, high, step = 0, 1024, 1
    guess = 127
    while high - low > 1:
        if passes(guess):
            low, guess = guess, guess + step
        else:
            high, guess = guess, guess - step
        step *= 2
        if not low < guess < high:
            guess = (low + high) // 2
    return low
