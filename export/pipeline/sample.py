"""The door: what is exported, and the rows that it is checked on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import PipelineError, SampleError
from alpenglow._export.pipeline.missing import unified
from alpenglow._export.pipeline.steps import walk
from alpenglow._export.pipeline.tables import TEXT, frame_of
from alpenglow._export.pipeline.tasks import task_of
from alpenglow._export.pipeline.texts import Texts, reads_texts
from alpenglow._export.versions import check_fitted


def fitted(pipeline: Any) -> Any:
    """A fitted estimator that predicts the rows of a data frame.

    Returns:
        The estimator that a search has found, or the estimator itself; one that takes a list of texts behind a step
        that makes one of a column.

    Raises:
        PipelineError: It is no estimator, does not predict, or is not fitted.
    """
    if isinstance(pipeline, type):
        raise PipelineError(
            f"{pipeline.__name__} is a class, not a fitted estimator: give {pipeline.__name__}().fit(X, y)"
        )
    if hasattr(pipeline, "cv") and hasattr(pipeline, "refit") and not pipeline.refit:
        raise PipelineError(
            f"the {type(pipeline).__name__} has refit=False, so it has no estimator that predicts: fit it with "
            "refit=True, or export an estimator that is fitted with its best_params_"
        )
    estimator = getattr(pipeline, "best_estimator_", pipeline)
    if task_of(estimator) is None:
        raise PipelineError(
            f"a {type(estimator).__name__} is no classifier, regressor, clusterer or outlier detector that predicts"
        )
    for path, step in walk(estimator):
        if not is_fitted(step):
            where = f"its step {path!r} ({type(step).__name__})" if path else f"the {type(step).__name__}"
            raise PipelineError(f"{where} is not fitted yet: call fit(X, y) on the whole before")
    if not reads_texts(estimator):
        return estimator
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    name = next(name for name in ("text", "texts", "text column") if name not in dict(steps))
    return Pipeline([(name, Texts()), *steps])


def is_fitted(step: Any) -> bool:
    """Whether scikit-learn's own estimators say so; others need not leave a trace of their fit."""
    if not type(step).__module__.startswith("sklearn."):
        return True
    try:
        check_fitted(step)
    except NotFittedError:
        return False
    return True


@contextmanager
def single_threaded(estimator: Any) -> Iterator[None]:
    """Ask it in one thread: a forest adds up its trees in a fixed order only in one."""
    jobs = {name: value for name, value in estimator.get_params().items() if name.split("__")[-1] == "n_jobs"}
    estimator.set_params(**dict.fromkeys(jobs))
    try:
        yield
    finally:
        estimator.set_params(**jobs)


def rows_of(X: Any, estimator: Any) -> pd.DataFrame:
    """The rows that it is checked on.

    Returns:
        The columns that the estimator was fitted on, in its order.

    Raises:
        SampleError: There is no table, no row or not every column in it.
    """
    table = frame_of(X)
    names = fitted_names(estimator, list(table.columns))
    missing = [name for name in names if name not in table]
    if missing:
        raise SampleError(
            f"the sample lacks columns that the pipeline was fitted on: {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, table.columns))}"
        )
    if "" in names:
        raise SampleError(f"column {names.index('')} has no name: give it one, and fit the pipeline on the table again")
    return unified(table[names])


def fitted_names(estimator: Any, columns: list[str]) -> list[str]:
    """The names of what goes into the pipeline; fitted on an array, it takes the sample's."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        return [str(name) for name in names]
    if isinstance(estimator, Pipeline) and isinstance(estimator.steps[0][1], Texts) and TEXT in columns:
        return [TEXT]
    count = getattr(estimator, "n_features_in_", len(columns))
    if count != len(columns):
        raise SampleError(f"the pipeline was fitted on {count} columns without names; the sample has {len(columns)}")
    return columns
