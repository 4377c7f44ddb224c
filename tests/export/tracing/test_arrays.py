"""Functions of arrays: whatever is recorded gives NumPy's own bits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same

ODD = (0.0, -0.0, 5e-324, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 3.0, 1e-30, 1e30, 1e308, -1e308, 2.0**53 + 2, np.nan)
UNARY: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "negative": lambda x: -x,
    "rint": np.rint,
    "round": lambda x: np.round(x, 2),
    "sign": np.sign,
    "sqrt": np.sqrt,
    "square": lambda x: x**2,
    "trunc": np.trunc,
    "reciprocal": lambda x: 1 / x,
    "root": lambda x: x**0.5,
    "whole": lambda x: (np.nan_to_num(x, posinf=9, neginf=-9).clip(-9, 9)).astype(int),
    "float32": lambda x: x.astype(np.float32),
    "filled": lambda x: np.where(np.isnan(x), 0.25, x),
    "clipped": lambda x: np.clip(x, -1.5, 2),
    "bin": lambda x: np.digitize(x, [-1, 0, 0.5, 2]),
    "place": lambda x: np.searchsorted([-1.0, 0.0, 2.5], x),
    "known": lambda x: np.isin(x, [1, 2.5, -1]),
    "finite": np.isfinite,
    "positive": lambda x: x > 0,
    "constant": lambda x: np.full_like(x, 7),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y * 1.0,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "floor_divide": lambda x, y: x // (y * 1.0),
    "remainder": lambda x, y: x % (y * 1.0),
    "maximum": np.maximum,
    "minimum": np.minimum,
    "fmax": np.fmax,
    "less": lambda x, y: x < y,
    "equal": lambda x, y: x == y,
    "unequal": lambda x, y: x != y,
    "and": lambda x, y: (x > 0) & (y <= 1),
    "either": lambda x, y: np.where(x >= y, x, y),
    "chosen": lambda x, y: np.select([x > 1, y > 1], [x, y], default=-1),
    "logical": np.logical_or,
}
EXPRESSIONS = st.recursive(
    st.integers(0, 2).map(lambda place: lambda X: X[:, place])
    | st.sampled_from((0.5, -2, 3)).map(lambda c: lambda X: c),
    lambda inner: (
        st.builds(
            lambda f, a: lambda X: UNARY[f](np.asarray(a(X) + X[:, 0] * 0)), st.sampled_from(sorted(UNARY)), inner
        )
        | st.builds(lambda f, a, b: lambda X: BINARY[f](a(X), b(X)), st.sampled_from(sorted(BINARY)), inner, inner)
    ),
    max_leaves=6,
)


class ToArray(TransformerMixin, BaseEstimator):
    """What stands between a frame and a function of an array."""

    def fit(self, X: Any, y: Any = None) -> "ToArray":
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        return np.asarray(X, dtype=float)


def table() -> pd.DataFrame:
    values = np.array(ODD)
    random = np.random.default_rng(0)
    return pd.DataFrame({name: random.permutation(np.tile(values, 5)) for name in "abc"})


def check(function: Callable[[Any], Any], rows: pd.DataFrame | None = None, tolerance: float = 0.0) -> None:
    """The function of an array gives the same in the graph."""
    rows = table() if rows is None else rows
    check_transform(make_pipeline(ToArray(), FunctionTransformer(function)), rows, tolerance=tolerance)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", UNARY)
def test_of_one(name: str) -> None:
    check(lambda X: np.column_stack([UNARY[name](X[:, 0]), UNARY[name](X[:, 1])]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BINARY)
def test_of_two(name: str) -> None:
    check(lambda X: np.column_stack([BINARY[name](X[:, 0], X[:, 1]), BINARY[name](X[:, 2], 2.5)]))


@pytest.mark.parametrize("ufunc", [np.maximum, np.minimum, np.fmax, np.fmin, np.add, np.multiply, np.equal], ids=str)
def test_of_booleans(ufunc: Any) -> None:
    check(lambda X: np.column_stack([ufunc(X[:, 0] > 0, X[:, 1] <= 1), X[:, 2] < 3]))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS)
def test_whatever_is_composed_of_them(one: Any, other: Any) -> None:
    def function(X: Any) -> Any:
        return np.column_stack([X[:, 0], X[:, 1] * 0 + one(X), X[:, 1] * 0 + other(X)])

    check(function)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "function",
    [
        lambda X: X,
        lambda X: X[:, [2, 0]],
        lambda X: X[:, 1:],
        lambda X: X[:, :1].ravel().reshape(-1, 1),
        lambda X: X - np.array([1.0, 2.0, 3.0]),
        lambda X: (X[:, :1] > np.array([[0.0, 1.0, 2.0, 3.0]])).astype(float),
        lambda X: np.c_[X, X[:, 0] * 2, np.ones(len(X))],
        lambda X: np.hstack([np.ones((X.shape[0], 1)), X]),
        lambda X: np.concatenate([X, X[:, :1]], axis=1),
        lambda X: np.stack([X[:, 0], X[:, 1]], axis=1),
        lambda X: X.sum(axis=1).reshape(-1, 1),
        lambda X: X.mean(axis=1, keepdims=True),
        lambda X: np.c_[X.max(axis=1), np.min(X, axis=1), np.isnan(X).any(axis=1), (X > 0).all(axis=1)],
        lambda X: np.c_[np.isnan(X).sum(axis=1), X[:, 0]],
        lambda X: np.zeros_like(X) + 1,
    ],
)
def test_shapes(function: Callable[[Any], Any]) -> None:
    check(function)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "function", [np.exp, np.log, np.sin, np.cos, np.tanh, lambda X: X**3.0, lambda X: np.power(2.0, X)]
)
def test_what_each_library_rounds_in_its_own_way(function: Callable[[Any], Any]) -> None:
    rows = pd.DataFrame({"a": np.linspace(0.01, 30, 500), "b": np.linspace(1, 2, 500)})
    check(function, rows, tolerance=1e-13)


def test_the_inverse_of_a_target_s_function() -> None:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import LinearRegression

    rows = pd.DataFrame({"a": np.linspace(1, 30, 50)})
    model = TransformedTargetRegressor(
        LinearRegression(), func=lambda y: (y - 3) / 2, inverse_func=lambda y: np.maximum(y * 2 + 3, 0.5)
    )
    check_same(model.fit(rows, rows["a"] ** 2), rows, tolerance=1e-12)


def test_sixteen_rows_or_one_make_no_difference() -> None:
    pipeline = make_pipeline(ToArray(), FunctionTransformer(lambda X: X * np.arange(1, 4)), Echo())
    rows = table()
    for count in (1, 3, 16):
        check_same(pipeline.fit(rows), rows, rows.iloc[:count])
