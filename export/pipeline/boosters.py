"""LightGBM's and XGBoost's own boosters, which are no estimators, and the categories that all of them keep."""

import json
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

Encoded = dict[str, list[int]]  # how XGBoost keeps a column's categories: numbers, or texts one behind the other


class Booster(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A booster that predicts a table: whatever the objective, what it answers is a number or a row of them."""

    def __init__(self, booster: Any = None) -> None:
        self.booster = booster

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: Any = None) -> "Booster":
        """It is fitted."""
        return self


class LightGBMBooster(Booster):
    """A `lightgbm.Booster`, as far as it was fitted: after an early stop up to its best round."""

    @property
    def booster_(self) -> Any:
        """The booster, as LightGBM's own estimators call it."""
        return self.booster

    @property
    def n_features_in_(self) -> int:
        """How many columns it reads."""
        return int(self.booster.num_feature())

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Their names; without any it has `Column_0` and so on."""
        names = self.booster.feature_name()
        if names == [f"Column_{place}" for place in range(len(names))]:
            raise AttributeError("it was fitted without names")
        return np.array(names, object)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """What it predicts."""
        return np.asarray(self.booster.predict(X))


class XGBoostBooster(Booster):
    """An `xgboost.Booster`, all of its rounds; what is missing is NaN, as it keeps no other number for that."""

    missing = np.nan

    def get_booster(self) -> Any:
        """The booster, as XGBoost's own estimators call it."""
        return self.booster

    @property
    def n_features_in_(self) -> int:
        """How many columns it reads."""
        return int(self.booster.num_features())

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Their names."""
        if self.booster.feature_names is None:
            raise AttributeError("it was fitted without names")
        return np.array(self.booster.feature_names, object)

    def predict(self, X: Any) -> NDArray[np.float32]:
        """What it predicts."""
        xgboost: Any = import_module("xgboost")
        rows = np.asarray(X) if self.booster.feature_names is None else X
        return np.asarray(self.booster.predict(xgboost.DMatrix(rows, enable_categorical=True)))


KINDS = {("lightgbm", "Booster"): LightGBMBooster, ("xgboost", "Booster"): XGBoostBooster}


def estimator_of(model: Any) -> Any:
    """An estimator around a library's own booster; anything else as it is."""
    kind = KINDS.get((type(model).__module__.split(".")[0], type(model).__name__))
    return model if kind is None else kind(model)


def reads_categories(step: Any) -> bool:
    """Whether a step is a booster, which may have been fitted on pandas' categories."""
    return hasattr(step, "booster_") or hasattr(step, "get_booster")


def categories_in(
    step: Any, columns: Sequence[str], given: Mapping[str, list[Any]], texts: Collection[str] = ()
) -> dict[str, list[Any]]:
    """The categories that a booster keeps, in its own order, by column.

    Args:
        step: A booster.
        columns: The names of what it reads, in order.
        given: The categories of columns that have pandas' type at hand: where a booster does not keep its own, or not
            whole, those may be them.
        texts: Columns of text, which it reads as nothing else.
    """
    if hasattr(step, "booster_"):
        known = step.booster_.pandas_categorical or []
        named = [columns[place] for place in lightgbm_categorical(step.booster_)] if known else []
        both = [name for name in columns if name in texts or name in named]  # of texts some can be ordered
        wholes = (some for some in (given, named, both) if len(some) == len(known))
        return next((dict(zip(some, known, strict=True)) for some in wholes), {})
    found = {columns[place]: whole(one, given.get(columns[place])) for place, one in encoded_in(step).items()}
    return {name: known for name, known in found.items() if known is not None}


def more_than(step: Any, kept: Mapping[str, list[Any]]) -> bool:
    """Whether a booster was fitted on the categories of more columns than these."""
    if hasattr(step, "booster_"):
        return len(step.booster_.pandas_categorical or ()) > len(kept)
    return reads_categories(step) and len(encoded_in(step)) > len(kept)


def refuses_others(step: Any) -> bool:
    """Whether a booster refuses a category that it was not fitted on, as XGBoost does that keeps them.

    It means to: a name beyond ASCII it takes for any other, and reads beyond its end.
    """
    return hasattr(step, "get_booster") and len(encoded_in(step)) > 0


def lightgbm_categorical(booster: Any) -> list[int]:
    """The columns of which LightGBM says that they are categories; those that are ordered are numbers to it."""
    head = booster.model_to_string(num_iteration=1).split("\nTree=")[0]
    found = next(line for line in head.splitlines() if line.startswith("feature_infos="))
    kinds = found.removeprefix("feature_infos=").split(" ")
    return [place for place, kind in enumerate(kinds) if kind != "none" and not kind.startswith("[")]


def encoded_in(step: Any) -> dict[int, Encoded]:
    """The categories that XGBoost keeps since 3.1, by the place of their column."""
    booster = step.get_booster()
    if "c" not in (booster.feature_types or ()):
        return {}
    learner = json.loads(booster.save_raw("json"))["learner"]
    model = learner["gradient_booster"].get("gbtree", learner["gradient_booster"])["model"]
    return {place: one for place, one in enumerate(model.get("cats", {}).get("enc", [])) if one.get("values")}


def whole(encoded: Encoded | None, given: list[Any] | None) -> list[Any] | None:
    """The categories themselves; those given, if none are kept.

    Of texts beyond ASCII XGBoost keeps a part. They are those given, if it would keep the same part of these.

    Returns:
        None if they cannot be known.
    """
    if encoded is None:
        return given
    if "offsets" not in encoded:
        return list(encoded["values"])
    if given is not None and encoded_texts(given) == (encoded["offsets"], as_bytes(encoded)):
        return given
    if not as_bytes(encoded).isascii():
        return None
    text, ends = as_bytes(encoded).decode(), encoded["offsets"]
    return [text[start:end] for start, end in pairwise(ends)]


def as_bytes(encoded: Encoded) -> bytes:
    """The texts one behind the other."""
    return bytes(value % 256 for value in encoded["values"])


def encoded_texts(categories: list[Any]) -> tuple[list[int], bytes]:
    """How XGBoost keeps texts: it counts letters where it means bytes."""
    texts = list(map(str, categories))
    ends = np.cumsum([0, *map(len, texts)]).tolist()
    return ends, "".join(texts).encode()[: ends[-1]]


def given_categories(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Those of the columns of pandas' type."""
    return {
        str(name): dtype.categories.tolist()
        for name, dtype in table.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    }
