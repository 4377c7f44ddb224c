"""Where the fitted steps of a pipeline decide: thresholds of trees, edges of bins, categories, medians."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.arithmetic import sides
from alpenglow._export.arithmetic.trees import Tree
from alpenglow._export.converters import lightgbm as lightgbm_trees
from alpenglow._export.converters import xgboost as xgboost_trees
from alpenglow._export.gate.bounds import rounded
from alpenglow._export.pipeline.steps import members
from alpenglow._export.pipeline.steps import walk as steps_of


@dataclass(frozen=True, eq=False)
class Seen:
    """What a step sees of the rows, and whether the graph has that to rounding only; see `export.gate.bounds`."""

    function: Callable[[pd.DataFrame], Any]
    rounded: bool = False

    def __call__(self, rows: pd.DataFrame) -> Any:
        """Compute it."""
        return self.function(rows)


@dataclass(frozen=True)
class Edges:
    """Values `[E]` of features `[E]` at which something changes, in what a step sees of the rows."""

    sees: Seen
    feature: NDArray[np.int64]
    value: NDArray[np.float64]
    float32: bool  # whether the step casts to float32 before it compares


def find(pipeline: Any) -> list[Edges]:
    """All edges of a fitted pipeline, each one once; those of one step's estimators together."""
    together: dict[tuple[int, bool], list[Edges]] = {}
    for edges in walk(pipeline, Seen(lambda rows: rows)):
        together.setdefault((id(edges.sees), edges.float32), []).append(edges)
    return [unique(group) for group in together.values()]


def unique(group: list[Edges]) -> Edges:
    """The edges of a group, each one once."""
    both = np.stack([np.concatenate([e.feature for e in group]), np.concatenate([e.value for e in group])], axis=1)
    both = np.unique(both[np.isfinite(both[:, 1])], axis=0)
    return Edges(group[0].sees, both[:, 0].astype(np.int64), both[:, 1], group[0].float32)


def walk(step: Any, sees: Seen) -> Iterator[Edges]:
    """The edges of a step and of all that it is made of."""
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            if not isinstance(part, str) and part is not None:
                yield from walk(part, sees)
                sees = after(part, sees)
    elif isinstance(step, ColumnTransformer):
        for _, part, columns in step.transformers_:
            if not isinstance(part, str):
                yield from walk(part, only(columns, sees))
    elif isinstance(step, FeatureUnion):
        for _, part in step.transformer_list:
            if not isinstance(part, str):
                yield from walk(part, sees)
    else:
        preprocessor = getattr(step, "_preprocessor", None)  # of HistGradientBoosting
        seen = sees if preprocessor is None else after(preprocessor, sees)
        for feature, value, float32 in own(step):
            yield Edges(seen, feature, value, float32)
        features = getattr(step, "estimators_features_", None)  # of Bagging
        for index, (_, part) in enumerate(members(step)):
            yield from walk(part, sees) if features is None else widened(part, features[index], sees)


def widened(part: Any, features: NDArray[np.int64], sees: Seen) -> Iterator[Edges]:
    """The edges of an estimator that gets some columns, as edges of all columns where it looks at them itself."""
    some = only(features, sees)
    for edges in walk(part, some):
        if edges.sees is some:
            yield Edges(sees, np.asarray(features)[edges.feature], edges.value, edges.float32)
        else:
            yield edges


def after(step: Any, sees: Seen) -> Seen:
    """What comes out of a transformer."""
    if not hasattr(step, "transform"):
        return sees
    return Seen(
        lambda rows: step.transform(sees(rows)), sees.rounded or bool(rounded(part for _, part in steps_of(step)))
    )


def only(columns: Any, sees: Seen) -> Seen:
    """Some of the columns, selected as a ColumnTransformer does."""

    def some(rows: pd.DataFrame) -> Any:
        table = sees(rows)
        if not isinstance(table, pd.DataFrame):
            return table[:, columns]
        named = isinstance(columns, str) or (
            not isinstance(columns, slice) and len(columns) > 0 and isinstance(columns[0], str)
        )
        chosen = table.loc[:, columns] if named else table.iloc[:, columns]
        return chosen if isinstance(chosen, pd.DataFrame) else chosen.to_numpy()

    return Seen(some, sees.rounded)


def own(step: Any) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], bool]]:
    """The edges that a step keeps in its own attributes."""
    if hasattr(step, "tree_"):
        inner = step.tree_.children_left >= 0
        yield step.tree_.feature[inner], step.tree_.threshold[inner], True
    for predictor in (tree for stage in getattr(step, "_predictors", ()) for tree in stage):
        inner = (predictor.nodes["is_leaf"] == 0) & (predictor.nodes["is_categorical"] == 0)
        yield predictor.nodes["feature_idx"][inner], predictor.nodes["num_threshold"][inner], False
    for tree in boosted(step):
        inner = tree.left >= 0
        yield tree.feature[inner], tree.threshold[inner], hasattr(step, "get_booster")
        yield *sides.edges(tree), False
    for name in ("categories_", "bin_edges_"):  # one list for each feature
        for feature, values in enumerate(getattr(step, name, ())):
            if np.asarray(values).dtype.kind in "iuf":
                yield np.full(len(values), feature), np.asarray(values, np.float64), False
    for name in ("statistics_", "quantiles_", "data_min_", "data_max_"):  # one value or column for each feature
        found = np.asarray(getattr(step, name, ()))
        if found.dtype.kind in "iuf" and found.size:
            found = np.atleast_2d(found).astype(np.float64)
            yield np.tile(np.arange(found.shape[1]), len(found)), found.ravel(), False
    if hasattr(step, "X_thresholds_"):  # of an isotonic regression
        yield np.zeros(len(step.X_thresholds_), np.int64), step.X_thresholds_.astype(np.float64), False
    if isinstance(getattr(step, "threshold", None), (int, float)) and hasattr(step, "transform"):
        count = getattr(step, "n_features_in_", 0)
        yield np.arange(count), np.full(count, float(step.threshold)), False


def boosted(step: Any) -> list[Tree]:
    """The trees of LightGBM's and XGBoost's estimators."""
    if hasattr(step, "booster_"):
        return lightgbm_trees.trees_of(step)
    return xgboost_trees.trees_of(step) if hasattr(step, "get_booster") else []
