"""Rows that scikit-learn refuses: which they are, and why."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.errors import SampleError, one_line
from alpenglow._export.pipeline.fitted import Answers, Fitted


def answered(fitted: Fitted, rows: pd.DataFrame) -> tuple[pd.DataFrame, Answers | None]:
    """The rows that scikit-learn answers in every way, and its answers; None if there is none.

    Some estimators predict what their probabilities refuse.
    """
    found = fitted.attempt(rows)
    if found is not None:
        return rows, found
    kept = passing(lambda part: fitted.attempt(rows.iloc[part]) is not None, len(rows))
    rows = rows.iloc[kept]
    return rows, fitted.attempt(rows) if len(rows) else None


def passing(passes: Callable[[NDArray[np.int64]], bool], count: int) -> NDArray[np.int64]:
    """The rows that pass, by halving what does not."""
    kept: list[NDArray[np.int64]] = []
    waiting = [np.arange(count)]
    while waiting:
        part = waiting.pop()
        if len(part) == 0:
            continue
        if passes(part):
            kept.append(part)
        elif len(part) > 1:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
    return np.concatenate(kept) if kept else np.arange(0)


def refusal(fitted: Fitted, sample: pd.DataFrame) -> SampleError:
    """Why scikit-learn does not predict the sample: the first row that it refuses, and the column that is to blame."""
    first = first_refused(fitted, sample)
    if first is None:
        return SampleError("scikit-learn predicts each row of the sample, and not all of them at once")
    row = sample.iloc[[first]]
    try:
        fitted.answers(row)
    except Exception as error:  # whatever it raises is what has to be said
        # scikit-learn goes on with advice, XGBoost with its stack.
        reason = one_line(error).split(" Stack trace:")[0].split(". ")[0].rstrip(".")
    else:
        reason = "it predicts the row only beside others"
    blamed = to_blame(fitted, sample, first)
    where = f", column {blamed!r}, which holds {sample[blamed].tolist()[first]!r}" if blamed is not None else ""
    return SampleError(
        f"scikit-learn does not predict row {first} of the sample{where}: {reason}. Leave such rows out, or fit the "
        "pipeline on rows like them"
    )


def first_refused(fitted: Fitted, sample: pd.DataFrame) -> int | None:
    """The first row that it does not predict; None if there is no such row."""
    low, high = 0, len(sample)
    if fitted.attempt(sample) is not None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fitted.attempt(sample.iloc[low:middle]) is None else (middle, high)
    return low


def to_blame(fitted: Fitted, sample: pd.DataFrame, row: int) -> str | None:
    """The column whose value, replaced by another row's, makes the row acceptable; None if there is no such column."""
    good = next((at for at in range(min(len(sample), 100)) if fitted.attempt(sample.iloc[[at]]) is not None), None)
    if good is None:
        return None
    refused = sample.iloc[[row]]
    for name in map(str, sample.columns):
        mended = refused.assign(**{name: sample[name].iloc[[good]].set_axis(refused.index)})
        if fitted.attempt(mended) is not None:
            return name
    return None
