"""What scikit-learn hands the steps of a pipeline: a frame with names, or an array, of which types."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.pipeline.fitted import Fitted

ROWS = 97  # a prime, so that no array of a pipeline's own is likely to be as long


METHODS = ("transform", "predict", "predict_proba")


def handed(fitted: Fitted, steps: Collection[Any], rows: pd.DataFrame) -> dict[int, Any]:
    """Rows as each of the steps gets them, by the step's `id`; nothing for one that is not asked.

    Args:
        fitted: The pipeline.
        steps: Those of its steps that are wanted, each with `transform` or `predict`.
        rows: Some that it predicts.
    """
    found: dict[int, Any] = {}

    def listen(step: Any, name: str) -> None:
        method = getattr(step, name)

        def answer_and_keep(X: Any, *args: Any, **options: Any) -> Any:
            found.setdefault(id(step), X)
            return method(X, *args, **options)

        step.__dict__[name] = answer_and_keep

    asked = [(step, name) for step in steps for name in METHODS if hasattr(step, name)]
    try:
        for step, name in asked:
            listen(step, name)
        if asked:
            fitted.attempt(rows)
    finally:
        for step, name in asked:
            step.__dict__.pop(name, None)
    return found


def example_of(sample: pd.DataFrame) -> pd.DataFrame:
    """Some of the rows, over and over if there are few; their numbers as requests have them, in float64."""
    rows = sample.iloc[np.arange(ROWS) % len(sample)].reset_index(drop=True)
    whole = [name for name, dtype in rows.dtypes.items() if isinstance(dtype, np.dtype) and dtype.kind in "iu"]
    return rows.astype(dict.fromkeys(whole, np.float64))
