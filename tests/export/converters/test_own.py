"""Classes of the user's own: recorded, or another name for one of scikit-learn's."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from alpenglow import export
from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import check_transform
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine


class Quantiles(TransformerMixin, BaseEstimator):
    def __init__(self, low: float = 0.05) -> None:
        self.low = low

    def fit(self, X: Any, y: Any = None) -> "Quantiles":
        self.low_, self.high_ = np.quantile(np.asarray(X, float), [self.low, 1 - self.low], axis=0)
        return self

    def transform(self, X: Any) -> Any:
        check_is_fitted(self)
        return np.clip(check_array(X), self.low_, self.high_)


class Ratio(TransformerMixin, BaseEstimator):
    def __init__(self, over: str, under: str) -> None:
        self.over, self.under = over, under

    def fit(self, X: Any, y: Any = None) -> "Ratio":
        self.names_ = [*X.columns, "ratio"]
        self.fallback_ = (X[self.over] / X[self.under]).median()
        return self

    def transform(self, X: Any) -> Any:
        if not isinstance(X, pd.DataFrame):
            raise TypeError("a frame is needed")
        X = X.copy()
        X["ratio"] = (X[self.over] / X[self.under]).replace(np.inf, np.nan).fillna(self.fallback_)
        return X

    def get_feature_names_out(self, names: Any = None) -> Any:
        return np.array(self.names_, object)


class Forest(RandomForestClassifier):
    """A forest of few trees."""

    def __init__(self, n_estimators: int = 5, random_state: int = 0) -> None:
        super().__init__(n_estimators=n_estimators, random_state=random_state)

    def fit(self, X: Any, y: Any) -> "Forest":
        super().fit(X, y)
        return self


class Scaler(StandardScaler):
    pass


class Half(StandardScaler):
    def transform(self, X: Any, copy: Any = None) -> Any:
        return np.asarray(X, float) / 2


class Chain(Pipeline):
    pass


def features() -> pd.DataFrame:
    return diabetes()[["age", "bmi", "bp"]]


def test_a_transformer_that_clips() -> None:
    check_transform(Quantiles(), features())


def test_the_rows_on_what_it_has_learnt_are_compared(tmp_path) -> None:
    pipeline = make_pipeline(Quantiles(), LinearRegression()).fit(features(), diabetes()["target"])
    report = export(pipeline, features(), tmp_path / "model.onnx")
    borders = next(check for check in report.checks if check.what == "a threshold or edge")
    assert borders.rows > 2 * 6


def test_a_frame_in_and_a_frame_out() -> None:
    check_transform(Ratio("bmi", "age"), features())
    check_transform(make_pipeline(Ratio("bmi", "age").set_output(transform="pandas"), Ratio("ratio", "bp")), features())


def test_each_gets_what_scikit_learn_hands_it() -> None:
    columns = make_column_transformer(
        (FunctionTransformer(lambda df: df[["bmi"]] * 2), ["age", "bmi"]), (StandardScaler(), ["bp"])
    )
    check_transform(make_pipeline(columns, FunctionTransformer(lambda X: X[:, ::-1] + 1)), features())


class Inner(TransformerMixin, BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> "Inner":
        self.scaler_ = StandardScaler().fit(X)
        self.imputer_ = SimpleImputer().set_output(transform="pandas").fit(X)
        return self

    def transform(self, X: Any) -> Any:
        return self.scaler_.transform(X) * 2 - self.imputer_.transform(X).to_numpy()


class Doubled(StandardScaler):
    def transform(self, X: Any, copy: Any = None) -> Any:
        return super().transform(X) * 2


@pytest.mark.parametrize("step", [Inner(), Doubled()], ids=str)
def test_one_that_calls_scikit_learn_s(step: Any) -> None:
    check_transform(step, features())


def test_a_subclass_that_changes_nothing_is_its_parent() -> None:
    table = wine()
    numbers = table.drop(columns=["target", "colour", "strong"]).fillna(0)
    check_same(Chain([("scale", Scaler()), ("forest", Forest())]).fit(numbers, table["target"]), numbers)


def test_one_that_transforms_otherwise_is_recorded() -> None:
    check_transform(Half(), features())


class Cutoff(Forest):
    def predict(self, X: Any) -> Any:
        return self.predict_proba(X).argmax(axis=1)


def test_one_that_predicts_otherwise_is_refused() -> None:
    table = wine()
    numbers = table[["hue", "alcohol"]].fillna(0)
    model = make_pipeline(Cutoff()).fit(numbers, table["target"])
    with pytest.raises(
        ConversionError, match=r"there is no converter for it; give it one with alpenglow.register\(Cutoff"
    ):
        exported(model, numbers)
