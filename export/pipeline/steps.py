"""Walk through the steps of a fitted pipeline."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.pipeline.boosters import categories_in, reads_categories
from alpenglow._export.pipeline.categories import Categories


def walk(estimator: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each step with its path, such as `columns → categories`; the outermost estimator first."""
    yield path, estimator
    for name, step in children(estimator):
        yield from walk(step, f"{path} → {name}" if path else name)


def classes_of(estimator: Any) -> frozenset[str]:
    """The names of the classes of an estimator and of all that it is made of."""
    return frozenset(type(step).__name__ for _, step in walk(estimator))


def children(estimator: Any) -> list[tuple[str, Any]]:
    """The named steps one level below."""
    if isinstance(estimator, Pipeline):
        steps = estimator.steps
    elif isinstance(estimator, ColumnTransformer):
        steps = [(name, step) for name, step, _ in estimator.transformers_]
    elif isinstance(estimator, FeatureUnion):
        steps = estimator.transformer_list
    else:
        steps = list(members(estimator))
    return [(name, step) for name, step in steps if not isinstance(step, str) and step is not None]


def members(estimator: Any) -> Iterator[tuple[str, Any]]:
    """The fitted estimators that one that is no Pipeline hands its own input to."""
    for name, value in vars(estimator).items():
        if name.startswith("_") or name in ("final_estimator_", "init_"):
            continue
        items = value.ravel().tolist() if isinstance(value, np.ndarray) and value.dtype == object else value
        for item in items if isinstance(items, list) else [items]:
            member = getattr(item, "estimator", None) if name == "calibrated_classifiers_" else item
            fitted = name.endswith("_") or name == "estimator"
            if fitted and isinstance(member, BaseEstimator) and hasattr(member, "n_features_in_"):
                yield name.rstrip("_"), member


def columns_read(estimator: Any, columns: list[str]) -> list[str]:
    """The columns that something can depend on: all but those that a ColumnTransformer in front drops.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in children(estimator) if not isinstance(step, Categories)]
        return columns_read(steps[0], columns) if steps else columns
    if isinstance(estimator, FeatureUnion):
        read = {name for _, step in children(estimator) for name in columns_read(step, columns)}
        return [name for name in columns if name in read]
    if not isinstance(estimator, ColumnTransformer):
        return columns
    kept = [name for name, step, _ in estimator.transformers_ if not (isinstance(step, str) and step == "drop")]
    positions = {position for name in kept for position in estimator._transformer_to_input_indices[name]}
    return [name for position, name in enumerate(columns) if position in positions]


def known_categories(estimator: Any, columns: list[str]) -> dict[str, list[Any]]:
    """The categories that an encoder was fitted on, by column, where an encoder is what reads the column.

    Args:
        estimator: Fitted on a table of `columns`.
        columns: The names of what goes in, in order.
    """
    if isinstance(estimator, Pipeline):
        # An imputer hands each column on in its place, so its successor still speaks of the same columns.
        readers = [step for _, step in children(estimator) if not hasattr(step, "statistics_")]
        typed = readers.pop(0).categories if readers and isinstance(readers[0], Categories) else {}
        return (known_categories(readers[0], columns) if readers else {}) | dict(typed)
    if isinstance(estimator, ColumnTransformer):
        found: dict[str, list[Any]] = {}
        for name, step, _ in estimator.transformers_:
            if not isinstance(step, str):
                chosen = [columns[position] for position in estimator._transformer_to_input_indices[name]]
                found |= known_categories(step, chosen)
        return found
    if reads_categories(estimator):
        return categories_in(estimator, columns, {})
    categories = getattr(estimator, "categories_", None)
    if categories is None or len(categories) != len(columns):
        return {}
    return {name: list(known) for name, known in zip(columns, categories, strict=True)}
