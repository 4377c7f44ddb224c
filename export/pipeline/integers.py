"""CatBoost's categories that are integers: it refuses them as float64, which is what a request has."""

from copy import copy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline

ENDS = 2.0**63


class Integers(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Hands whole numbers on as integers in columns of categories; another number is text, and so an unknown category.

    Args:
        places: The columns.
        names: Of all columns, as CatBoost has them.
    """

    def __init__(self, places: list[int], names: list[str]) -> None:
        self.places = places
        self.names = names
        self.feature_names_, self.n_features_in_ = names, len(names)

    def fit(self, X: Any, y: Any = None) -> "Integers":
        """Nothing is learnt."""
        return self

    def transform(self, X: Any) -> Any:
        """The same table, of the same kind."""
        table = pd.DataFrame(X)
        columns = {place: pd.Series(integers(table.iloc[:, place]), table.index, dtype=object) for place in self.places}
        parts = [columns.get(place, table.iloc[:, place]) for place in range(table.shape[1])]
        found = pd.concat(parts, axis="columns").set_axis(table.columns, axis="columns")
        return found if isinstance(X, pd.DataFrame) else found.to_numpy(object)


def integers(values: "pd.Series[Any]") -> list[Any]:
    """A column's values, floats as integers if they are whole, else as text; what is missing stays."""
    return [
        value
        if not isinstance(value, float | np.floating) or np.isnan(value)
        else int(value)
        if value % 1 == 0 and -ENDS <= value < ENDS
        else str(value)
        for value in values.tolist()
    ]


def with_integers(estimator: Any) -> Any:
    """The estimator, with `Integers` in front of its last step if that has categories of CatBoost's."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    model = steps[-1][1]
    places = model.get_cat_feature_indices() if hasattr(model, "get_cat_feature_indices") else []
    if not places:
        return estimator
    found = copy(estimator) if isinstance(estimator, Pipeline) else Pipeline(steps)
    found.steps = [*steps[:-1], ("categories", Integers(places, model.feature_names_)), steps[-1]]
    return found
