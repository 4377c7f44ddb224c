"""Scikit-learn's own pipeline on batches of pandas, loaded once in a process."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
import pandas as pd


@lru_cache(maxsize=1)
def loaded(path: Path) -> Any:
    """The pipeline."""
    return joblib.load(path)


class Theirs:
    """What one would write: a function from batch to batch, or from iterator to iterator."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, batches: Any) -> Any:
        """Predict one batch, or each that an iterator gives."""
        return self.one(batches) if isinstance(batches, pd.DataFrame) else map(self.one, batches)

    def one(self, batch: pd.DataFrame) -> pd.DataFrame:
        """The labels with the rows' numbers."""
        labels = loaded(self.path).predict(batch.drop(columns="id"))
        return pd.DataFrame({"id": batch["id"], "prediction": labels})
