"""A fitted pipeline from its file, by what is in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.errors import PipelineError
from alpenglow._export.files.boosters import is_booster, load_booster
from alpenglow._export.files.containers import only_estimator
from alpenglow._export.files.explained import explained
from alpenglow._export.files.fitted_with import check_version, in_pickle, loaded
from alpenglow._export.files.not_pipelines import TABLE, what_else
from alpenglow._export.files.packed import content_of
from alpenglow._export.files.pickles import is_pickle, unpickled
from alpenglow._export.files.skops_files import SCHEMA, ZIP, load_skops, members


def load_pipeline(
    path: Path,
    *,
    version: str | None = None,
    trust: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> Any:
    """Read what joblib, pickle, cloudpickle, dill, skops, LightGBM or XGBoost wrote.

    As with any pickle: only from people you trust.

    Args:
        path: The file, whatever its ending, compressed or not.
        version: Of the scikit-learn that fitted it, if the file itself does not say.
        trust: Whether to load types in a skops file that skops does not trust by itself.
        progress: Gets a line if the pipeline was kept among other things.

    Raises:
        PipelineError: The file cannot be read, holds no pipeline, or another version of scikit-learn has fitted it.
    """
    with explained(path, PipelineError):
        value = object_in(path, version, trust=trust)
        if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
            raise PipelineError(f"{path} {TABLE}")
        estimator, place = only_estimator(path, value)
    if place:
        progress(f"Taking {place}, the only estimator in it")
    return estimator


def object_in(path: Path, version: str | None, *, trust: bool) -> Any:
    """Whatever it holds."""
    content = content_of(path)
    if is_pickle(content[:256], content[-1:]):
        check_version(path, in_pickle(content) or version)
        return loaded(path, lambda: unpickled(content))
    if content.startswith(ZIP) and SCHEMA in members(content):
        return load_skops(path, content, version, trust=trust)
    if is_booster(content):
        return load_booster(content)
    raise PipelineError(what_else(path, content))


def is_model(path: Path) -> bool:
    """Whether it is a file that `load_pipeline` would load."""
    try:
        content = content_of(path)
    except Exception:  # a compressor's own, of which there are many
        return False
    of_skops = content.startswith(ZIP) and SCHEMA in members(content)
    return of_skops or is_pickle(content[:256], content[-1:]) or is_booster(content)
