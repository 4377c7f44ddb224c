"""The door: what is exported, and the rows that it is checked on."""

from typing import Any

import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import PipelineError, SampleError
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.missing import unified
from alpenglow._export.pipeline.moments import is_text
from alpenglow._export.pipeline.steps import walk
from alpenglow._export.pipeline.tables import TEXT, frame_of
from alpenglow._export.pipeline.tasks import task_of
from alpenglow._export.pipeline.texts import Texts, reads_texts
from alpenglow._export.pipeline.times import of_text
from alpenglow._export.versions import check_fitted


def fitted(pipeline: Any) -> Fitted:
    """What is known of a fitted estimator that predicts the rows of a data frame.

    Returns:
        That of the estimator that a search has found, or of the estimator itself; what takes a list of texts stands
        behind a step that makes one of a column.

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
        return Fitted(estimator)
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    name = next(name for name in ("text", "texts", "text column") if name not in dict(steps))
    return Fitted(Pipeline([(name, Texts()), *steps]))


def is_fitted(step: Any) -> bool:
    """Whether scikit-learn's own estimators say so; others need not leave a trace of their fit."""
    if not type(step).__module__.startswith("sklearn."):
        return True
    try:
        check_fitted(step)
    except NotFittedError:
        return False
    return True


def rows_of(X: Any, fitted: Fitted) -> pd.DataFrame:
    """The rows that it is checked on.

    Returns:
        The columns that the estimator was fitted on, in its order.

    Raises:
        SampleError: There is no table, no row or not every column in it.
    """
    table = frame_of(X)
    names = fitted_names(fitted, list(table.columns))
    missing = [name for name in names if name not in table]
    if missing:
        raise SampleError(
            f"the sample lacks columns that the pipeline was fitted on: {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, table.columns))}"
        )
    if "" in names:
        raise SampleError(f"column {names.index('')} has no name: give it one, and fit the pipeline on the table again")
    return unified(with_moments(table[names], fitted))


def with_moments(table: pd.DataFrame, fitted: Fitted) -> pd.DataFrame:
    """Text that is ISO 8601 as moments, if only then the pipeline predicts: a file of CSV or JSON has no others."""
    ways = {name: of_text(table[name]) for name in table.columns if is_text(table[name])}
    texts = [name for name, how in ways.items() if how and how.zone is None]
    if not texts or fitted.predicts(table.iloc[:1]):
        return table
    read = table.assign(**{name: pd.to_datetime(table[name], format="ISO8601") for name in texts})
    return read if fitted.predicts(read.iloc[:1]) else table


def fitted_names(fitted: Fitted, columns: list[str]) -> list[str]:
    """The names of what goes into the pipeline; fitted on an array, it takes the sample's."""
    if fitted.names:
        return [kept_as(name, columns) for name in fitted.names] if writes_names(fitted) else fitted.names
    if Texts.__name__ in fitted.classes and TEXT in columns:
        return [TEXT]
    if fitted.width not in (None, len(columns)):
        raise SampleError(
            f"the pipeline was fitted on {fitted.width} columns without names; the sample has {len(columns)}"
        )
    return columns


def writes_names(fitted: Fitted) -> bool:
    """Whether the names that it knows may be LightGBM's, which writes `_` for a space and predicts by place."""
    return any(type(step).__module__.startswith("lightgbm.") for _, step in fitted.steps)


def kept_as(name: str, columns: list[str]) -> str:
    """The column that LightGBM keeps under a name; it refuses tables in which there are two."""
    return name if name in columns else next((own for own in columns if own.replace(" ", "_") == name), name)
