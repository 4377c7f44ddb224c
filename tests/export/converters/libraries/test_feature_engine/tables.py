"""A table of numbers and texts, with gaps or without."""

from typing import Any

import numpy as np
import pandas as pd

NUMBERS = ["share", "area", "rooms", "change"]
FAR = (0.0, -0.0, 5e-324, -1.0, 1e-30, 1e30, -1e77, 2.0**53 + 2)


def homes(gaps: float = 0.0, rows: int = 120) -> pd.DataFrame:
    """Two positive numbers, one of any sign, an integer, two texts and a boolean."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "area": random.lognormal(4, 1, rows),
            "town": random.choice(["Rome", "Oslo", "Bern", "Bath"], rows, p=[0.5, 0.3, 0.15, 0.05]),
            "rooms": random.integers(1, 9, rows),
            "change": random.normal(0, 3, rows).round(1),
            "kind": pd.Series(random.choice(["flat", "house"], rows), dtype=object),
            "share": random.uniform(0, 1, rows),
            "new": random.random(rows) < 0.3,
        }
    )
    holes = random.random(table.shape) < gaps
    holes[:, -1] = False
    return table.mask(pd.DataFrame(holes, columns=table.columns)) if gaps else table


def target(table: pd.DataFrame) -> Any:
    """Two classes, both in each town and kind."""
    return (np.arange(len(table)) % 3 == 0).astype(int)


def categorical(table: pd.DataFrame) -> pd.DataFrame:
    """The texts as pandas' categories."""
    return table.astype({"town": "category", "kind": "category"})


def far(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The table, and rows with numbers that are far out in some columns."""
    rows = [table.head(1).assign(**{name: value}) for name in columns for value in FAR]
    return pd.concat([table, *rows], ignore_index=True)
