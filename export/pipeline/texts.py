"""Pipelines fitted on texts rather than on a table, such as `make_pipeline(TfidfVectorizer(), LinearSVC())`."""

from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.pipeline.categories import Categories
from alpenglow._export.pipeline.steps import children, in_turn, parts_by_name

VECTORISERS = (CountVectorizer, HashingVectorizer)


class Texts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Hands the one column of a data frame on as texts `[N]`."""

    n_features_in_ = 1

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Texts":
        """Nothing is learnt."""
        return self

    def transform(self, X: pd.DataFrame) -> Any:
        """The texts."""
        return X.iloc[:, 0].to_numpy(object)


def reads_texts(estimator: Any) -> bool:
    """Whether what comes first in it takes texts."""
    if isinstance(estimator, Pipeline):
        first = next((step for _, step in estimator.steps if step not in (None, "passthrough")), None)
        return reads_texts(first)
    if isinstance(estimator, FeatureUnion):
        return any(reads_texts(step) for _, step in estimator.transformer_list)
    return isinstance(estimator, VECTORISERS)


def text_columns(estimator: Any, columns: list[str]) -> set[str]:
    """The columns that a vectoriser reads: they hold texts, no categories.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, VECTORISERS) or isinstance(getattr(estimator, "vectorizer_", None), VECTORISERS):
        return set(columns)
    parts = parts_by_name(estimator, columns)
    if parts is None and isinstance(estimator, Pipeline):
        steps = [step for _, step in children(estimator) if not isinstance(step, Texts | Categories)]
        parts = [(step, columns) for step in in_turn(steps)]
    elif parts is None:
        parts = [(step, columns) for _, step in children(estimator)]
    return {name for step, chosen in parts for name in text_columns(step, chosen)}
