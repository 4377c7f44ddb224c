"""What cannot be recorded is refused, with the line and the expression in the user's own code, and what to do."""

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo
from tests.export.helpers import exported
from tests.export.tracing.test_arrays import ToArray


def rows() -> pd.DataFrame:
    return pd.DataFrame({"a": np.arange(1.0, 31.0), "b": np.linspace(3, 9, 30)})


def branch(df: pd.DataFrame) -> Any:
    return df * 2 if (df["a"] > 0).all() else df


def value(df: pd.DataFrame) -> Any:
    return df * float(df["a"].iloc[0])


def each_value(df: pd.DataFrame) -> Any:
    return df.assign(c=df["a"].apply(lambda v: v + 1))


def each_row(df: pd.DataFrame) -> Any:
    return df.apply(lambda row: row["a"] + row["b"], axis=1).to_frame()


def loop(df: pd.DataFrame) -> Any:
    return df.assign(c=[v + 1 for v in df["a"]])


def chance(df: pd.DataFrame) -> Any:
    return df + np.random.normal()


def another_chance(df: pd.DataFrame) -> Any:
    return df + random.random()


def file(df: pd.DataFrame) -> Any:
    with open(__file__) as text:
        return df * len(text.read())


def other_rows(df: pd.DataFrame) -> Any:
    return df - df["a"].mean()


def whole_column(df: pd.DataFrame) -> Any:
    return df - df.mean()


def order(df: pd.DataFrame) -> Any:
    return df.sort_values("a")


def some_rows(df: pd.DataFrame) -> Any:
    return df[df["a"] > -1]


def shifted(df: pd.DataFrame) -> Any:
    return df.assign(c=df["a"].shift(1))


def numbered(df: pd.DataFrame) -> Any:
    return df.assign(c=np.arange(len(df)))


def spelled(df: pd.DataFrame) -> Any:
    return df["a"].astype(str).str.len().to_frame()


def listed(df: pd.DataFrame) -> Any:
    return np.array(df.to_numpy().tolist())


def unknown(df: pd.DataFrame) -> Any:
    return np.cumsum(df.to_numpy(), axis=1)


def in_place(df: pd.DataFrame) -> Any:
    X = df.to_numpy(copy=True)
    X[X > 3] = 0
    return X


def swallowed(df: pd.DataFrame) -> Any:
    try:
        return df * 2 if df["a"].sum() > 0 else df
    except Exception:
        return df


FRAMES = {
    branch: ('(df["a"] > 0).all()', "learn it in fit"),
    value: ('df["a"].iloc[0]', "single rows"),
    each_value: ('df["a"].apply(lambda v: v + 1)', "Python function with each value"),
    each_row: ('df.apply(lambda row: row["a"] + row["b"], axis=1)', ""),
    loop: ('[v + 1 for v in df["a"]]', "numpy.where"),
    chance: ("np.random.normal()", "random numbers"),
    another_chance: ("random.random()", "random numbers"),
    file: ("open(__file__)", "opens a file"),
    other_rows: ('df["a"].mean()', "learn it in fit"),
    whole_column: ("df.mean()", "learn it in fit"),
    order: ('df.sort_values("a")', ""),
    some_rows: ('df[df["a"] > -1]', ""),
    shifted: ('df["a"].shift(1)', ""),
    numbered: ("numbered", "another value for each row"),
    spelled: ('df["a"].astype(str)', "floating-point"),
    listed: ("df.to_numpy().tolist()", "numpy.where"),
    unknown: ("np.cumsum(df.to_numpy(), axis=1)", "numpy.cumsum"),
    in_place: ("X[X > 3]", "in place"),
    swallowed: ('df["a"].sum()', "learn it in fit"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", FRAMES, ids=lambda function: function.__name__)
def test_with_its_place(function: Any) -> None:
    step = FunctionTransformer(function)
    with pytest.raises(ConversionError) as caught:
        exported(make_pipeline(step, Echo()).fit(rows()), rows())
    message = str(caught.value)
    expression, hint = FRAMES[function]
    assert message.startswith("step 'functiontransformer' (FunctionTransformer) cannot be exported: ")
    assert "test_refusals.py, line " in message
    assert expression in message
    assert hint in message
    assert "\n" not in message


def test_everything_is_as_it_was_afterwards() -> None:
    before = [vars(kind).get(name) for kind in (pd.Series, pd.DataFrame) for name in ("where", "values", "__init__")]
    with pytest.raises(ConversionError):
        exported(make_pipeline(FunctionTransformer(branch), Echo()).fit(rows()), rows())
    assert before == [
        vars(kind).get(name) for kind in (pd.Series, pd.DataFrame) for name in ("where", "values", "__init__")
    ]
    assert not hasattr(pd.Series, "__array_function__")
    assert np.asarray([1.0]).sum() == 1


class Cut(TransformerMixin, BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> "Cut":
        self.most_ = 5.0
        return self

    def transform(self, X: Any) -> Any:
        return np.array([[min(value, self.most_) for value in row] for row in np.asarray(X).tolist()])


def test_a_class_may_get_a_converter() -> None:
    with pytest.raises(ConversionError, match=r"np.asarray\(X\).tolist\(\).*alpenglow.register\(Cut, convert\)"):
        exported(make_pipeline(Cut(), Echo()).fit(rows()), rows())


def test_a_sparse_matrix() -> None:
    from sklearn.preprocessing import OneHotEncoder

    pipeline = make_pipeline(
        OneHotEncoder(), FunctionTransformer(lambda X: X * 2, accept_sparse=True), LinearRegression()
    )
    with pytest.raises(ConversionError, match="it gets a sparse matrix: have the step before it make a dense one"):
        exported(pipeline.fit(rows(), rows()["a"]), rows())


def test_a_function_of_an_array_gets_no_frame() -> None:
    pipeline = make_pipeline(ToArray(), FunctionTransformer(lambda X: X[:, 0] if X.shape[1] == 1 else X), Echo())
    exported(pipeline.fit(rows()), rows())
