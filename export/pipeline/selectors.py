"""mlxtend's ColumnSelector, which hands on some columns and learns nothing."""

from typing import Any

import numpy as np


def is_selector(estimator: Any) -> bool:
    """Whether it is one."""
    return type(estimator).__name__ == "ColumnSelector" and type(estimator).__module__.startswith("mlxtend.")


def selected(selector: Any, columns: list[str]) -> list[int]:
    """The places of the columns that it chooses, by names or places."""
    chosen: Any = [selector.cols] if isinstance(selector.cols, str) else selector.cols
    if not isinstance(chosen, slice):
        chosen = [columns.index(one) if isinstance(one, str) else one for one in chosen]
    places: list[int] = np.arange(len(columns))[chosen].tolist()
    return places
