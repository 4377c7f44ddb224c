"""Pipelines whose page is not like Adult's."""

from typing import Any

import msgspec
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from alpenglow._export.convert import convert
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._serve.signature import KEY, Column, Signature

MARKUP = "<img src=x onerror=alert(1)>"
# What shells, Python, JSON and CSV quote, each in its own way.
ODD = [MARKUP, "", " blank ", "it's \"so\", isn't it", "back\\slash $HOME `date` !!", "naïve 雪 🏔"]


def odd() -> tuple[Pipeline, pd.DataFrame]:
    """A classifier with markup in all names, required columns, a closed one, free text and many categories."""
    random = np.random.default_rng(0)
    rows = 1200
    sample = pd.DataFrame(
        {
            f"size {MARKUP}": random.normal(100, 15, rows).round(2),
            "kind": random.choice(ODD, rows),
            'it\'s a "city"': random.choice([f"city {number}" for number in range(60)], rows),
            "note": [f"word{number} and\nmore" for number in range(rows)],
            "new": random.choice([True, False], rows),
        }
    )
    columns = make_column_transformer(
        (StandardScaler(), [f"size {MARKUP}"]),
        (OneHotEncoder(), ["kind"]),
        (OneHotEncoder(handle_unknown="ignore"), ['it\'s a "city"', "new"]),
        (CountVectorizer(max_features=20), "note"),
    )
    labels = random.choice([MARKUP, 'a "quoted", label', " blank"], rows)
    return make_pipeline(columns, LogisticRegression()).fit(sample, labels), sample


def clusters() -> tuple[Any, pd.DataFrame]:
    """A clustering of two numbers."""
    sample = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["x", "y"])
    return KMeans(3, n_init=1, random_state=0).fit(sample), sample


def outliers() -> tuple[Any, pd.DataFrame]:
    """A detector of outliers among numbers around 0."""
    sample = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["x", "y"])
    return IsolationForest(n_estimators=10, random_state=0).fit(sample), sample


def two_targets() -> tuple[Any, pd.DataFrame]:
    """A regression of two numbers at once."""
    sample = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["x", "y"])
    return LinearRegression().fit(sample, sample @ [[1.0, 2.0], [3.0, 4.0]]), sample


def dated() -> tuple[Any, pd.DataFrame]:
    """A regression of a moment, a moment on a zone's clocks, a day and a duration."""
    random = np.random.default_rng(0)
    when = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300 * 86_400, 80), unit="s"))
    sample = pd.DataFrame(
        {
            "when": when,
            "at": when.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
            "day": when.dt.date,
            "took": pd.to_timedelta(random.integers(-3_600, 86_400, 80), unit="s"),
        }
    )
    return make_pipeline(FunctionTransformer(parts), LinearRegression()).fit(sample, np.arange(80.0)), sample


def parts(X: pd.DataFrame) -> pd.DataFrame:
    """Numbers of them."""
    return pd.DataFrame(
        {
            "month": X["when"].dt.month.fillna(0),
            "hour": X["at"].dt.hour,
            "weekday": pd.to_datetime(X["day"]).dt.day_of_week,
            "took": X["took"].dt.total_seconds(),
        }
    )


def wide() -> bytes:
    """A classifier of twelve classes on 1,000 numbers, exported without the proof, which takes long for so many."""
    random = np.random.default_rng(0)
    sample = pd.DataFrame(random.normal(size=(40, 1000)), columns=[f"number {i}" for i in range(1000)])
    pipeline = LogisticRegression().fit(sample, np.arange(40) % 12)
    columns = [Column(name, "number", True, 0.5, minimum=-3.0, maximum=3.0) for name in sample]
    model = convert(Fitted(pipeline), columns, sample)
    signature = Signature("wide", "1", "classification", columns, {}, classes=list(range(12)), label_type="integer")
    model.metadata_props.add(key=KEY, value=msgspec.json.encode(signature).decode())
    content: bytes = model.SerializeToString()
    return content
