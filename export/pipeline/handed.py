"""What scikit-learn hands the steps of a pipeline: a frame with names, or an array, of which types."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.pipeline.encoded import hashes
from alpenglow._export.pipeline.fitted import Fitted

ROWS = 97  # a prime, so that no array of a pipeline's own is likely to be as long


def handed(fitted: Fitted, steps: Collection[Any], sample: pd.DataFrame) -> dict[int, Any]:
    """Some rows as each of the steps gets them, by the step's `id`; nothing for one that is not asked.

    Args:
        fitted: The pipeline.
        steps: Those of its steps that are wanted, each with `transform`. For one that hashes, all rows are given.
        sample: Rows that it predicts; their numbers are given as requests have them, in float64.
    """
    found: dict[int, Any] = {}
    hashing = [step for step in steps if hashes(step)]

    def listen(step: Any) -> None:
        transform = step.transform

        def transform_and_keep(X: Any, *args: Any, **options: Any) -> Any:
            found.setdefault(id(step), X)
            return transform(X, *args, **options)

        step.__dict__["transform"] = transform_and_keep

    try:
        for step in steps:
            listen(step)
        if steps:
            fitted.attempt(example_of(sample))
        if hashing:
            for step in hashing:
                found.pop(id(step), None)
            fitted.attempt(sample)
    finally:
        for step in steps:
            step.__dict__.pop("transform", None)
    return found


def example_of(sample: pd.DataFrame) -> pd.DataFrame:
    """Some of the rows, over and over if there are few."""
    rows = sample.iloc[np.arange(ROWS) % len(sample)].reset_index(drop=True)
    whole = [name for name, dtype in rows.dtypes.items() if isinstance(dtype, np.dtype) and dtype.kind in "iu"]
    return rows.astype(dict.fromkeys(whole, np.float64))
