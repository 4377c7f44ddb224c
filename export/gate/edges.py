"""Where the fitted steps of a pipeline decide: each step with what it sees of the rows, and the edges among that."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble._forest import BaseForest
from sklearn.feature_selection import RFE
from sklearn.multioutput import ClassifierChain, RegressorChain
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.tree import BaseDecisionTree

from alpenglow._export.converters.own import function_of
from alpenglow._export.gate.bounds import rounded
from alpenglow._export.pipeline.steps import handed_on, members, on_columns
from alpenglow._export.pipeline.steps import walk as steps_of
from alpenglow._export.plugins import TOLD, told_of
from alpenglow._export.registry import borders_of, runs_python
from alpenglow._export.tracing.arrays import Border
from alpenglow._export.tracing.run import listened

CHAINS = (ClassifierChain, RegressorChain)
TREES = (BaseDecisionTree, BaseForest)  # whose answers the graph has to the last bit


@dataclass(frozen=True, eq=False)
class Seen:
    """What a step sees of the rows, and whether the graph has that to rounding only; see `export.gate.bounds`."""

    function: Callable[[pd.DataFrame], Any]
    rounded: bool = False
    # If it is some of the columns of what another step sees: that, and which of them.
    part: tuple["Seen", NDArray[np.int64]] | None = None
    # The numbers of rows `[N, C]` of which it is some given numbers `[N, F]`; None if it is no such one.
    back: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None

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


def find(pipeline: Any, rows: pd.DataFrame | None = None) -> list[Edges]:
    """All edges of a fitted pipeline, each one once; those of one step's estimators together.

    Args:
        pipeline: Fitted.
        rows: Some that it predicts, for steps of the user's own, which tell their edges only when they run.
    """
    together: dict[tuple[int, bool], list[Edges]] = {}
    for step, sees in walk(pipeline):
        for edges in chain(own(step, sees), () if rows is None else of_own_code(step, sees, rows)):
            together.setdefault((id(edges.sees), edges.float32), []).append(edges)
    return [unique(group) for group in together.values()]


def own(step: Any, sees: Seen) -> Iterator[Edges]:
    """The edges of a step itself; those in some columns, as a Bagging's tree gets them, as edges of all columns."""
    borders = borders_of(step)
    table = borders.sees(step)
    seen = sees if table is None else Seen(lambda rows: table(sees(rows)), sees.rounded)
    for feature, value, float32 in borders.edges(step):
        if seen.part:
            yield Edges(seen.part[0], seen.part[1][feature], value, float32)
        else:
            yield Edges(seen, feature, value, float32)


def of_own_code(step: Any, sees: Seen, rows: pd.DataFrame) -> Iterator[Edges]:
    """What Python of the user's own compares with constants, or one column with another, or what is told of a step."""
    if type(step) in TOLD:
        for place, values in told_of(step, sees(rows)).items():
            yield Edges(sees, np.full(len(values), place), np.array(values), float32=False)
    if not runs_python(step):
        return
    for inexact in (False, True):
        among = [border.values for border in compared(step, sees(rows)) if border.rounded is inexact]
        if among:
            starts = np.cumsum([0, *(value.shape[1] for value in among)])
            features = [np.tile(np.arange(at, at + v.shape[1]), len(v)) for at, v in zip(starts, among, strict=False)]

            def seen(rows: pd.DataFrame, inexact: bool = inexact) -> NDArray[np.float64]:
                return np.hstack([border.seen for border in compared(step, sees(rows)) if border.rounded is inexact])

            found = np.concatenate([value.ravel() for value in among])
            yield Edges(Seen(seen, inexact or sees.rounded), np.concatenate(features), found, float32=False)


def compared(step: Any, given: Any) -> list[Border]:
    """The comparisons of a step, on what it is handed."""
    return listened(function_of(step), given).borders


def unique(group: list[Edges]) -> Edges:
    """The edges of a group, each one once."""
    both = np.stack([np.concatenate([e.feature for e in group]), np.concatenate([e.value for e in group])], axis=1)
    both = np.unique(both[np.isfinite(both[:, 1])], axis=0)
    return Edges(group[0].sees, both[:, 0].astype(np.int64), both[:, 1], group[0].float32)


def walk(step: Any, sees: Seen | None = None) -> Iterator[tuple[Any, Seen]]:
    """A step and all that it is made of, each with what it sees."""
    sees = sees or Seen(lambda rows: rows, back=lambda numbers: numbers)
    yield step, sees
    if isinstance(step, Pipeline):
        for _, part in step.steps:
            if not isinstance(part, str) and part is not None:
                yield from walk(part, sees)
                sees = after(part, sees)
    elif isinstance(step, FeatureUnion):
        for _, part in step.transformer_list:
            if not isinstance(part, str):
                yield from walk(part, sees)
    elif handed_on(step) is not None:
        yield from walk(handed_on(step), sees)
    elif on_columns(step) is not None:
        for _, part, columns in on_columns(step) or ():
            yield from walk(part, only(columns, sees))
    else:
        for part, seen in parts(step, sees):
            yield from walk(part, seen)


def parts(step: Any, sees: Seen) -> Iterator[tuple[Any, Seen]]:
    """What a step that is no Pipeline, ColumnTransformer or FeatureUnion is made of, each part with what it sees."""
    if isinstance(step, CHAINS):
        for count, part in enumerate(step.estimators_):
            yield part, beside_answers(step, count, sees) if count else sees
        return
    features = getattr(step, "estimators_features_", None)  # of Bagging
    inner = after(step, sees) if isinstance(step, RFE) else sees
    for index, (_, part) in enumerate(members(step)):
        yield part, inner if features is None else some_of(np.asarray(features[index]), sees)


def after(step: Any, sees: Seen) -> Seen:
    """What comes out of a transformer."""
    if not hasattr(step, "transform"):
        return sees
    known = sees.back
    back = None
    if known and hasattr(step, "inverse_transform"):
        back = lambda numbers: known(step.inverse_transform(numbers))  # noqa: E731
    inexact = bool(rounded(part for _, part in steps_of(step)))
    return Seen(lambda rows: step.transform(sees(rows)), sees.rounded or inexact, back=back)


def beside_answers(chain: Any, count: int, sees: Seen) -> Seen:
    """What the next estimator of a chain sees: the answers of those before it behind the columns."""
    method = getattr(chain, "chain_method_", "predict")

    def seen(rows: pd.DataFrame) -> NDArray[np.float64]:
        given = sees(rows)
        table = np.asarray(given.toarray() if hasattr(given, "toarray") else given, np.float64)
        for estimator in chain.estimators_[:count]:
            answer = getattr(estimator, method)(table)
            table = np.column_stack([table, answer[:, 1] if answer.ndim == 2 else answer])
        return table

    exact = all(isinstance(one, TREES) for one in chain.estimators_[:count])
    return Seen(seen, sees.rounded or not exact)


def some_of(features: NDArray[np.int64], sees: Seen) -> Seen:
    """Some of the columns, by number."""
    return Seen(only(features, sees).function, sees.rounded, (sees, features))


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
