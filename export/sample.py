"""Read the pipeline and the sample table that the export checks it on."""

import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from export.errors import SampleError, one_line
from export.steps import known_categories
from export.tasks import task_of


def load(path: Path) -> tuple[Any, list[str]]:
    """Read what `joblib.dump` or `pickle.dump` wrote. As with any pickle: only from people you trust.

    Returns:
        The object, and warnings for the user, such as another version of scikit-learn.

    Raises:
        SampleError: The file cannot be read.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.simplefilter("once", InconsistentVersionWarning)
            found = joblib.load(path)
    except OSError as error:
        raise SampleError(f"{path}: {error.strerror or error}") from error
    except Exception as error:
        # Unpickling runs the constructors of whatever is inside, which may raise anything.
        raise SampleError(f"{path} cannot be loaded: {type(error).__name__}: {one_line(error)}") from error
    return found, sorted({str(warning.message).split(". ")[0] for warning in caught})


def load_pipeline(path: Path) -> tuple[Any, list[str]]:
    """Read a fitted estimator that predicts, most often a Pipeline, or a search that found one; see `load`."""
    found, notes = load(path)
    pipeline = getattr(found, "best_estimator_", found)
    if task_of(pipeline) is None:
        raise SampleError(
            f"{path} holds a {type(pipeline).__name__}, which is no fitted classifier, regressor, clusterer or outlier "
            "detector that predicts"
        )
    try:
        check_is_fitted(pipeline)
    except NotFittedError as error:
        raise SampleError(f"{path} holds a {type(pipeline).__name__} that is not fitted yet") from error
    # A forest adds up its trees in a fixed order only in one thread.
    jobs = [name for name in pipeline.get_params() if name.split("__")[-1] == "n_jobs"]
    return pipeline.set_params(**dict.fromkeys(jobs)), notes


def load_sample(path: Path, pipeline: Any) -> pd.DataFrame:
    """Read rows for the pipeline: a CSV file with a header line, or a data frame or array dumped by joblib.

    Returns:
        The columns that the pipeline was fitted on, in its order.

    Raises:
        SampleError: The file cannot be read, has no rows, or lacks a column.
    """
    table = load(path)[0] if {".joblib", ".pkl", ".pickle"} & set(path.suffixes) else read_csv(path, pipeline)
    if isinstance(table, np.ndarray) and table.ndim == 2:
        table = pd.DataFrame(table, columns=[f"x{i}" for i in range(table.shape[1])])
    if not isinstance(table, pd.DataFrame):
        raise SampleError(f"{path} holds a {type(table).__name__}, not a data frame or an array of rows")
    table.columns = table.columns.astype(str)
    names = fitted_names(pipeline, list(table.columns))
    missing = [name for name in names if name not in table]
    if missing:
        raise SampleError(f"{path} lacks columns that the pipeline was fitted on: {', '.join(map(repr, missing))}")
    if not table.columns.is_unique or not len(table):
        raise SampleError(f"{path} has " + ("no rows" if table.columns.is_unique else "two columns of one name"))
    return table[names].reset_index(drop=True)


def fitted_names(pipeline: Any, columns: list[str]) -> list[str]:
    """The names of what goes into the pipeline; fitted on an array, it takes the sample's."""
    names = getattr(pipeline, "feature_names_in_", None)
    if names is not None:
        return [str(name) for name in names]
    count = getattr(pipeline, "n_features_in_", len(columns))
    if count != len(columns):
        raise SampleError(f"the pipeline was fitted on {count} columns without names; the sample has {len(columns)}")
    return columns


def read_csv(path: Path, pipeline: Any) -> pd.DataFrame:
    """Read text for the columns whose known categories are text, so that `007` does not become 7."""
    try:
        header = pd.read_csv(path, nrows=0).columns
        known = known_categories(pipeline, fitted_names(pipeline, list(header)))
        text = [name for name, categories in known.items() if any(isinstance(value, str) for value in categories)]
        return pd.read_csv(path, dtype=dict.fromkeys(text, "str"), low_memory=False)
    except OSError as error:
        raise SampleError(f"{path}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise SampleError(f"{path} is not a CSV table: {error}") from error
