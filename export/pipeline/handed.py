"""What scikit-learn hands the steps of a pipeline: a frame with names, or an array, of which types."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.pipeline.fitted import Fitted

METHODS = ("transform", "predict", "predict_proba")
ROWS = 97  # a prime, so that no array of a pipeline's own is likely to be as long


def handed(fitted: Fitted, steps: Collection[Any], sample: pd.DataFrame) -> dict[int, Any]:
    """Some rows as each of the steps gets them, by the step's `id`; nothing for one that is not asked.

    Args:
        fitted: The pipeline.
        steps: Those of its steps that are wanted, each with `transform` or `predict`.
        sample: Rows that it predicts; their numbers are given as requests have them, in float64.
    """
    found: dict[int, Any] = {}

    def listen(step: Any) -> None:
        for name in methods(step):
            step.__dict__[name] = keeping(step, getattr(step, name))

    def keeping(step: Any, ask: Callable[..., Any]) -> Callable[..., Any]:
        def ask_and_keep(X: Any, *args: Any, **options: Any) -> Any:
            found.setdefault(id(step), X)
            return ask(X, *args, **options)

        return ask_and_keep

    try:
        for step in steps:
            listen(step)
        if steps:
            fitted.attempt(example_of(sample))
    finally:
        for step in steps:
            for name in METHODS:
                step.__dict__.pop(name, None)
    return found


def methods(step: Any) -> list[str]:
    """What is asked of a step."""
    return ["transform"] if hasattr(step, "transform") else [name for name in METHODS[1:] if hasattr(step, name)]


def example_of(sample: pd.DataFrame) -> pd.DataFrame:
    """Some of the rows, over and over if there are few."""
    rows = sample.iloc[np.arange(ROWS) % len(sample)].reset_index(drop=True)
    whole = [name for name, dtype in rows.dtypes.items() if isinstance(dtype, np.dtype) and dtype.kind in "iu"]
    return rows.astype(dict.fromkeys(whole, np.float64))
