"""Where a fitted step decides: what its converter's module says of it, for the gate to lay rows there.

Each module of converters has a table `BORDERS` beside its `PREDICTORS` and `TRANSFORMERS`. Three things can be said of
a step, and any of them left out:

- edges: a feature decides by itself at a value, such as a tree's threshold or a bin's edge;
- points: rows at which two decisions are equally good, such as the middle between two centres;
- decisions: what is decided for rows, such as their label or the order of their neighbours. Between two rows for which
  that differs lies a border, which bisection finds.

`NOWHERE` says that what comes out is continuous, so that no row decides; `PARTS` that the step itself does nothing but
hand rows on to what it is made of, which speaks for itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.arithmetic.sides import edges
from alpenglow._export.arithmetic.trees import Tree
from alpenglow._export.pipeline.labels import dense

MOST_POINTS = 300
# Features `[E]`, the values `[E]` at which they decide, and whether the step casts to float32 before it compares.
Edge = tuple[NDArray[np.int64], NDArray[np.float64], bool]
Decision = Callable[[Any, Any], NDArray[Any]]


def none(model: Any) -> Iterable[Edge]:
    """No edges."""
    return ()


def nothing(model: Any) -> None:
    """Nothing stands between a step's rows and its edges."""


@dataclass(frozen=True)
class Borders:
    """Where the steps of a class decide, in what they see.

    Attributes:
        edges: Of a fitted step.
        points: Of a fitted step `[P, F]`; only for those who take the difference between two places.
        decisions: Of a fitted step and rows `[N, F]`: integers or labels `[N]` or `[N, K]`, each with its own borders.
        rounded: The graph has the decision to rounding only, as BLAS adds products in another order.
        sees: Of a fitted step what makes the table that the edges are of, if that is another than it is given.
    """

    edges: Callable[[Any], Iterable[Edge]] = none
    points: Callable[[Any], NDArray[np.float64]] | None = None
    decisions: tuple[Decision, ...] = ()
    rounded: bool = False
    sees: Callable[[Any], Callable[[Any], Any] | None] = nothing

    def to_rounding(self) -> "Borders":
        """The same, of a decision that the graph has to rounding only."""
        return replace(self, rounded=True)


def label(model: Any, rows: Any) -> NDArray[Any]:
    """What a classifier, clusterer or outlier detector answers."""
    return np.asarray(dense(model.predict(rows)))


NOWHERE = Borders()
PARTS = Borders()
ANSWER = Borders(decisions=(label,))
MARGIN = ANSWER.to_rounding()


def splits(trees: Iterable[Tree], float32: bool) -> Iterable[Edge]:
    """The thresholds of trees, and where their categories change."""
    for tree in trees:
        inner = tree.left >= 0
        yield tree.feature[inner], tree.threshold[inner], float32
        yield *edges(tree), float32


def codes(rows: Any) -> Any:
    """A data frame with the codes of pandas' categories in their place, NaN for none; other rows as they are."""
    if not isinstance(rows, pd.DataFrame) or not any(map(is_categorical, rows.dtypes)):
        return rows
    coded = {name: rows[name].cat.codes.where(rows[name].notna()) for name in rows if is_categorical(rows[name].dtype)}
    table = rows.copy()
    for name, column in coded.items():
        table[name] = column
    return table.astype(np.float64)


def is_categorical(dtype: Any) -> bool:
    """Whether it is pandas' type of categories."""
    return isinstance(dtype, pd.CategoricalDtype)


def by_feature(values: Iterable[Any]) -> Iterable[Edge]:
    """The numbers among one list of values for each feature."""
    for feature, some in enumerate(values):
        if some is not None and np.asarray(some).dtype.kind in "iuf":
            yield np.full(len(some), feature), np.asarray(some, np.float64), False


def rows_of(table: Any) -> Iterable[Edge]:
    """The same of a table `[V, F]`, or one value for each feature `[F]`."""
    found = np.asarray(table)
    return by_feature(np.atleast_2d(found).T) if found.size else ()


def beside(places: Any) -> NDArray[np.float64]:
    """Points `[P, F]` that lie beside places `[M, F]`: a deviation away, up and down, in each feature or in some."""
    dense = np.asarray(places.toarray() if hasattr(places, "toarray") else places, np.float64)
    count = min(dense.size, 2 * MOST_POINTS)
    place, feature = np.divmod(np.linspace(0, dense.size - 1, count).astype(np.int64), dense.shape[1])
    away = np.zeros((count, dense.shape[1]))
    away[np.arange(count), feature] = dense.std(axis=0)[feature]
    return np.concatenate([dense[place] - away, dense[place] + away])


def middles(places: Any) -> NDArray[np.float64]:
    """Points `[P, F]` half way between pairs of places `[M, F]`, of many places those of some pairs, evenly spread."""
    dense = np.asarray(places.toarray() if hasattr(places, "toarray") else places, np.float64)
    first, second = np.triu_indices(min(len(dense), MOST_POINTS), 1)
    some = np.linspace(0, len(first) - 1, min(len(first), MOST_POINTS)).astype(np.int64)
    return dense[first[some]] / 2 + dense[second[some]] / 2
