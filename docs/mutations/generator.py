"""Rows that share nothing with the gate's: drawn at random around the sample, in the ways in which people send rows."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._serve.signature import Column

ROWS = 12_000
Change = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def rows_like(sample: pd.DataFrame, columns: Sequence[Column], random: np.random.Generator) -> pd.DataFrame:
    """Rows with numbers of the sample, mixed, moved, rounded, or between two of them; with gaps; with other texts."""
    parts = [
        mixed(sample, random),
        moved(sample, random, lambda x, spread: x + spread * random.normal(0, 0.2, x.shape)),
        moved(sample, random, lambda x, spread: np.rint(x + spread * random.normal(0, 0.3, x.shape))),
        moved(sample, random, lambda x, spread: np.rint(2 * x + 2 * spread * random.normal(0, 0.3, x.shape)) / 2),
        moved(sample, random, lambda x, spread: between(x, random)),
        moved(sample, random, lambda x, spread: spread * np.rint(8 * random.uniform(-1, 1, x.shape)) / 8),
        moved(sample, random, lambda x, spread: np.round(x + spread * random.normal(0, 0.1, x.shape), 1)),
    ]
    made = pd.concat(parts, ignore_index=True)
    gaps = [column.name for column in columns if column.nullable]
    for name in gaps:
        made[name] = made[name].mask(random.random(len(made)) < 0.03)
    for column in columns:
        if column.type == "string" and not column.closed:
            made[column.name] = made[column.name].where(random.random(len(made)) > 0.03, "something else")
    return made


def mixed(sample: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Each column's values in an order of their own."""
    count = ROWS // 7
    return pd.DataFrame(
        {name: sample[name].iloc[random.integers(0, len(sample), count)].reset_index(drop=True) for name in sample}
    )


def moved(sample: pd.DataFrame, random: np.random.Generator, change: Change) -> pd.DataFrame:
    """Rows of the sample with other numbers, as a function of them and of their spread makes them."""
    rows = sample.iloc[random.integers(0, len(sample), ROWS // 7)].reset_index(drop=True)
    numbers = [str(name) for name in rows if rows[name].dtype.kind in "fi"]
    if numbers:
        x = rows[numbers].to_numpy(np.float64)
        made = pd.DataFrame(change(x, sample[numbers].std().to_numpy(np.float64)), columns=pd.Index(numbers))
        rows = rows.assign(**{name: made[name] for name in numbers})
    return rows


def between(x: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Half way between two rows, or at another place."""
    other = x[random.permutation(len(x))]
    share = np.where(random.random((len(x), 1)) < 0.5, 0.5, random.random((len(x), 1)))
    found: NDArray[np.float64] = x + share * (other - x)
    return found
