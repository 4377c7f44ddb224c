"""A small pipeline on a column of text that looks like numbers, and its rows."""

import functools
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def codes() -> pd.DataFrame:
    """Sixty rows: texts that a reader may take for numbers, and numbers that need all their digits."""
    return pd.DataFrame({"code": ["007", "008", "07"] * 20, "size": np.arange(60) / 7})


@functools.cache
def fitted() -> Any:
    """A pipeline that takes `codes`."""
    encoder = make_column_transformer((OneHotEncoder(), ["code"]), (StandardScaler(), ["size"]))
    return make_pipeline(encoder, LogisticRegression()).fit(codes(), [True, False, True] * 20)


def same(found: Any) -> bool:
    """Whether it answers as `fitted` does."""
    return bool((found.predict_proba(codes()) == fitted().predict_proba(codes())).all())
