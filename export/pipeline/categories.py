"""Columns of pandas' categories, for boosters that number them: a request has texts and numbers, and no such type."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.base import BaseEstimator, TransformerMixin


class Categories(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Gives columns of a data frame pandas' type, of some categories and of whatever else there is behind them.

    So what comes next is asked for its own answer to a category that it does not know. If these are `closed`, such a
    text is refused, and such a number is missing, which a request could not be told.
    """

    def __init__(self, names: list[str], categories: Mapping[str, list[Any]], *, closed: bool = False) -> None:
        self.names, self.categories, self.closed = names, categories, closed

    @property
    def feature_names_in_(self) -> Any:
        """All columns of the frame."""
        return np.array(self.names, object)

    @property
    def n_features_in_(self) -> int:
        """How many these are."""
        return len(self.names)

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Categories":
        """Nothing is learnt."""
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """The same values.

        Raises:
            ValueError: A text is no category, and these are closed.
        """
        return X.assign(**{name: self.typed(X[name], known) for name, known in self.categories.items()})

    def typed(self, values: "pd.Series[Any]", known: list[Any]) -> "pd.Series[Any]":
        """A column of pandas' type."""
        present = values[values.notna()]
        others = present[~present.isin(known)].unique().tolist()
        if not self.closed:
            return of_categories(values, [*known, *others])
        texts = [value for value in others if isinstance(value, str)]
        if texts:
            raise ValueError(f"{texts[0]!r} is no category that the model was fitted on")
        return of_categories(values, known)


def of_categories(values: "pd.Series[Any]", categories: list[Any]) -> "pd.Series[Any]":
    """A column of pandas' type."""
    coded = pd.Categorical(values.astype(object), categories=pd.Index(categories))
    result: pd.Series[Any] = pd.Series(coded, index=values.index)
    return result


def plain(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of pandas' type as one of texts, numbers or booleans."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return values
    kind = values.dtype.categories.dtype
    if is_bool_dtype(kind):
        return values.astype(object if values.isna().any() else bool)
    if is_numeric_dtype(kind):
        return values.astype(np.float64)
    return values.astype(object).where(values.notna(), np.nan)
