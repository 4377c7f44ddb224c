"""Pipelines fitted on float32: requests have float64, and a graph computes in one of the two."""

import copy
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.gate.bounds import TOLERANCE
from alpenglow._export.gate.parity import compared
from alpenglow._export.pipeline.fitted import Fitted

NARROW = (np.float32, np.float16)


def widened_table(table: pd.DataFrame) -> pd.DataFrame:
    """The same numbers in float64."""
    narrow = [name for name, dtype in table.dtypes.items() if dtype in NARROW]
    return table.astype(dict.fromkeys(narrow, np.float64)) if narrow else table


def widened(fitted: Fitted) -> Fitted:
    """The same pipeline with what it has learnt in float64, as scikit-learn computes with it for rows in float64.

    A few of its estimators refuse rows in another type than the one that they were fitted on.
    """
    if not any(narrow_of(step) for _, step in fitted.steps):
        return fitted
    wide = Fitted(copy.deepcopy(fitted.estimator), fitted.labels and fitted.labels.names)
    for _, step in wide.steps:
        for name in narrow_of(step):
            setattr(step, name, getattr(step, name).astype(np.float64))
    return wide


def narrow_of(step: Any) -> list[str]:
    """The attributes of a step that are arrays of a narrow type."""
    return [name for name, value in vars(step).items() if isinstance(value, np.ndarray) and value.dtype in NARROW]


def note(fitted: Fitted, table: pd.DataFrame, wide: Fitted, wide_table: pd.DataFrame) -> list[str]:
    """What it makes of the sample that the graph's numbers are not float32: scikit-learn's own two answers to it.

    Args:
        fitted: As it was fitted.
        table: The sample as it was given.
        wide: The same in float64.
        wide_table: The sample in float64.
    """
    if table is wide_table and wide is fitted:
        return []
    narrow, answer = fitted.attempt(table), wide.attempt(wide_table)
    if narrow is None or answer is None:
        return []
    unequal, far = compared(answer, narrow, scale=1.0)
    if not unequal.any() and far.max() <= TOLERANCE:
        return []
    why = (
        "a step hands on float32, in which scikit-learn computes, and the graph in float64"
        if table is wide_table
        else "the sample is float32, and the numbers of requests are float64"
    )
    return [
        f"{why}: scikit-learn's own answers to its rows as the one and as the other have {int(unequal.sum()):,} "
        f"different labels and differ by up to {far.max():.1g}; the graph gives those to float64"
    ]
