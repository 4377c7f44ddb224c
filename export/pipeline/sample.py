"""The door: what is exported, and the rows that it is checked on."""

from typing import Any

import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import PipelineError, SampleError
from alpenglow._export.pipeline.boosters import (
    categories_in,
    estimator_of,
    given_categories,
    more_than,
    reads_categories,
    refuses_others,
)
from alpenglow._export.pipeline.categories import Categories, plain
from alpenglow._export.pipeline.encoded import fitted_on, is_encoder
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.gams import with_gam
from alpenglow._export.pipeline.integers import with_integers
from alpenglow._export.pipeline.missing import unified
from alpenglow._export.pipeline.moments import is_text
from alpenglow._export.pipeline.steps import readers, walk
from alpenglow._export.pipeline.tables import TEXT, frame_of
from alpenglow._export.pipeline.tasks import task_of
from alpenglow._export.pipeline.texts import Texts, reads_texts
from alpenglow._export.pipeline.times import of_text
from alpenglow._export.versions import check_fitted


def fitted(pipeline: Any, target: Any = None) -> Fitted:
    """What is known of a fitted estimator that predicts the rows of a data frame.

    Args:
        pipeline: The estimator.
        target: The names of several labels; see `labels_of`.

    Returns:
        That of the estimator that a search has found, or of the estimator itself; what takes a list of texts stands
        behind a step that makes one of a column.

    Raises:
        PipelineError: It is no estimator, does not predict, or is not fitted; or the names are not those of its labels.
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
    estimator = with_gam(estimator_of(getattr(pipeline, "best_estimator_", pipeline)))
    if task_of(estimator) is None:
        raise PipelineError(
            f"a {type(estimator).__name__} is no classifier, regressor, clusterer or outlier detector that predicts"
        )
    for path, step in walk(estimator):
        if not is_fitted(step):
            where = f"its step {path!r} ({type(step).__name__})" if path else f"the {type(step).__name__}"
            raise PipelineError(f"{where} is not fitted yet: call fit(X, y) on the whole before")
    refuse_numbered(estimator)
    if not reads_texts(estimator):
        return Fitted(with_integers(estimator), target)
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    name = next(name for name in ("text", "texts", "text column") if name not in dict(steps))
    return Fitted(Pipeline([(name, Texts()), *steps]), target)


def refuse_numbered(estimator: Any) -> None:
    """Refuse encoders that look for columns by number in what will be a data frame.

    Raises:
        PipelineError: There is one.
    """
    width = getattr(estimator, "n_features_in_", 0)
    for step, _ in readers(estimator, [str(place) for place in range(width)]) if width else ():
        if is_encoder(step) and not all(isinstance(name, str) for name in fitted_on(step)):
            raise PipelineError(
                f"its {type(step).__name__} was fitted on an array, and knows columns by number: fit the pipeline on a "
                "data frame, whose columns have names"
            )


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


def untyped(fitted: Fitted, table: pd.DataFrame) -> tuple[Fitted, pd.DataFrame]:
    """A pipeline with boosters that number categories, and its rows, both without pandas' type of them.

    Args:
        fitted: The pipeline.
        table: Rows as `rows_of` gives them: the categories of its columns count where a booster keeps none.

    Returns:
        The pipeline behind a step that gives the columns this type, and the rows as a request has them.

    Raises:
        SampleError: It was fitted on categories that neither it nor the rows tell.
    """
    if not any(reads_categories(step) for _, step in fitted.steps):
        return fitted, table
    names, given = list(map(str, table.columns)), given_categories(table)
    booster = behind_nothing(fitted.estimator)
    texts = [name for name in names if not len(table[name].dropna()) or isinstance(table[name].dropna().iloc[0], str)]
    kept = categories_in(booster, names, given, texts) if reads_categories(booster) else {}
    if more_than(booster, kept):
        raise SampleError(
            f"the {type(booster).__name__} was fitted on columns of pandas' categories, and does not keep which ones "
            "or not their whole names: give rows whose columns have the types that it was fitted on"
        )
    if not given and not kept:
        return fitted, table
    closed = any(reads_categories(step) and refuses_others(step) for _, step in fitted.steps)
    step = Categories(names, given | kept, closed=closed)
    name = next(name for name in ("categories", "category columns") if name not in dict(fitted.steps))
    steps = fitted.estimator.steps if isinstance(fitted.estimator, Pipeline) else [("estimator", fitted.estimator)]
    return Fitted(Pipeline([(name, step), *steps])), table.assign(**{name: plain(table[name]) for name in names})


def behind_nothing(estimator: Any) -> Any:
    """The last step of a Pipeline in which there is none that does anything before it; else the estimator itself."""
    if not isinstance(estimator, Pipeline):
        return estimator
    first = next(step for _, step in estimator.steps if step not in (None, "passthrough"))
    return first if first is estimator.steps[-1][1] else estimator


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
    return any(hasattr(step, "booster_") for _, step in fitted.steps)


def kept_as(name: str, columns: list[str]) -> str:
    """The column that LightGBM keeps under a name; it refuses tables in which there are two."""
    return name if name in columns else next((own for own in columns if own.replace(" ", "_") == name), name)
