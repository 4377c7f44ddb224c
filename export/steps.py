"""Walk through the steps of a fitted pipeline."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline


def walk(estimator: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each step with its path, such as `columns → categories`; the outermost estimator first."""
    yield path, estimator
    for name, step in children(estimator):
        yield from walk(step, f"{path} → {name}" if path else name)


def children(estimator: Any) -> list[tuple[str, Any]]:
    """The named steps one level below."""
    if isinstance(estimator, Pipeline):
        steps = estimator.steps
    elif isinstance(estimator, ColumnTransformer):
        steps = [(name, step) for name, step, _ in estimator.transformers_]
    elif isinstance(estimator, FeatureUnion):
        steps = estimator.transformer_list
    else:
        return []
    return [(name, step) for name, step in steps if not isinstance(step, str) and step is not None]


def reads_columns(estimator: Any) -> bool:
    """Whether the first thing that it does is to pick columns by name or place."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[0][1]
    return isinstance(estimator, ColumnTransformer)


def known_categories(estimator: Any, columns: list[str]) -> dict[str, list[Any]]:
    """The categories that an encoder was fitted on, by column, where an encoder is what reads the column.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, Pipeline):
        # An imputer hands each column on in its place, so its successor still speaks of the same columns.
        readers = [step for _, step in children(estimator) if not hasattr(step, "statistics_")]
        return known_categories(readers[0], columns) if readers else {}
    if isinstance(estimator, ColumnTransformer):
        found: dict[str, list[Any]] = {}
        for _, step, selected in estimator.transformers_:
            if not isinstance(step, str):
                found |= known_categories(step, names_of(selected, columns))
        return found
    categories = getattr(estimator, "categories_", None)
    if categories is None or len(categories) != len(columns):
        return {}
    return {name: list(known) for name, known in zip(columns, categories, strict=True)}


def names_of(selected: Any, columns: list[str]) -> list[str]:
    """What a ColumnTransformer's selection (names, positions, a slice or a mask) means in names."""
    if isinstance(selected, str):
        return [selected]
    if isinstance(selected, (list, np.ndarray)) and len(selected) and isinstance(selected[0], str):
        return list(selected)
    return [str(name) for name in np.atleast_1d(np.array(columns, dtype=object)[selected])]
