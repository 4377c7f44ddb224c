"""Labels that hang on the last digit of a sum: where that can be, and whether a row is one of those.

A family is in the table where the graph's sums are not bit for bit those of scikit-learn. All others have its labels
on ties, too.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# OpenBLAS adds so many products in strands, whose number is the processor's.
WIDE = 16
NUDGE = 1e-12  # relative; more than rounding moves a sum, and less than anybody measures
MOST_NUDGED = 50  # columns that are moved one at a time


def wide(model: Any) -> bool:
    """Whether it adds so many products that the order is not known."""
    return bool(
        getattr(model, "n_features_in_", WIDE) >= WIDE
    )  # nothing is said by one with a kernel of the user's own


def unlike_libsvm(model: Any) -> bool:
    """Whether a power of e is rounded otherwise, or a sum may be."""
    return bool(model._sparse or callable(model.kernel) or model.kernel in ("rbf", "sigmoid") or wide(model))


def unlike_search(model: Any) -> bool:
    """Whether it may leave out a ball as far as the farthest neighbour, multiplies wide rows, or runs Python."""
    if callable(getattr(model, "weights", None)) or callable(model.metric):
        return True
    power = model.p if model.metric == "minkowski" else 2
    weighted = getattr(model, "weights", None) == "distance" and power not in (1, 2, np.inf)
    return bool(model._fit_method == "ball_tree" or weighted or (model._fit_method == "brute" and wide(model)))


def always(model: Any) -> bool:
    """Whatever its parameters."""
    return True


CENTRES = "a row as near to two centres, to the last digit, may fall to either: BLAS orders 16 products and more itself"
SEARCH = "points as far as the last neighbour, to the last digit, may take its place"
MARGIN = (
    "a row on the margin, to the last digit, may fall to either side: exp, tanh and wide sums are rounded otherwise"
)
SUMS = "a row on the border, to the last digit, may fall to either side: BLAS adds products in an order of its own"
DONORS = "of points as far as the last neighbour, to the last digit, NumPy takes others on another processor"
SIMILAR = "a row as likely in two classes, to the last digit, may fall to either: its sums go through BLAS"
TIES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(
        (
            "AffinityPropagation",
            "Birch",
            "BisectingKMeans",
            "KMeans",
            "MeanShift",
            "MiniBatchKMeans",
            "NearestCentroid",
        ),
        (wide, CENTRES),
    ),
    **dict.fromkeys(("KNeighborsClassifier", "KNeighborsRegressor", "LocalOutlierFactor"), (unlike_search, SEARCH)),
    "KNNImputer": (always, DONORS),
    **dict.fromkeys(("LabelPropagation", "LabelSpreading"), (always, SIMILAR)),
    **dict.fromkeys(
        (
            "LinearDiscriminantAnalysis",
            "LinearSVC",
            "LogisticRegression",
            "LogisticRegressionCV",
            "MLPClassifier",
            "PassiveAggressiveClassifier",
            "Perceptron",
            "RidgeClassifier",
            "RidgeClassifierCV",
            "SGDClassifier",
            "SGDOneClassSVM",
        ),
        (always, SUMS),
    ),
    **dict.fromkeys(("NuSVC", "OneClassSVM", "SVC"), (unlike_libsvm, MARGIN)),
    **dict.fromkeys(("RadiusNeighborsClassifier", "RadiusNeighborsRegressor"), (unlike_search, SEARCH)),
}


def ties_of(steps: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Of the classes among a pipeline's steps that have such rows, what becomes of these."""
    found = {}
    for _, step in steps:
        applies, what = TIES.get(type(step).__name__, (None, ""))
        if applies and applies(step):
            found[type(step).__name__] = what
    return found


@contextmanager
def in_order() -> Iterator[None]:
    """Have NumPy's partition take the first of what is equal, which no processor makes it do and the graph does."""

    def argpartition(a: Any, kth: Any, axis: int = -1, **options: Any) -> NDArray[np.intp]:
        return np.argsort(a, axis=axis, kind="stable")

    with patch.object(np, "argpartition", argpartition):
        yield


def nudged(row: pd.DataFrame) -> pd.DataFrame:
    """A row with its numbers moved by `NUDGE`, one after the other and all of them, up and down."""
    numbers = [str(name) for name in row if row[name].dtype.kind in "fiu"]
    made = []
    for names in [*([name] for name in numbers[:MOST_NUDGED]), numbers]:
        values = row[names].to_numpy(np.float64)
        step = NUDGE * np.where(values == 0, 1.0, np.abs(values))
        for moved in (values + step, values - step):
            frame = row.astype(dict.fromkeys(names, np.float64))
            frame[names] = moved
            made.append(frame)
    return pd.concat(made, ignore_index=True)
