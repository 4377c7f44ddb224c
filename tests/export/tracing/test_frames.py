"""Functions of frames and series: whatever is recorded gives what pandas gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import FunctionTransformer

from tests.export.converters.echo import check_transform

LIMIT = 1.5  # a global that a function reads
NAMES = {"bob": 1, "ann": 2}
TEXTS = [" Bob", "ann ", "İx\u2003", "", "Mr X\n", "ΑΣΑ", "a.b|c", "\ufdd1", "ÀéÎ", "Mr. \U0001f600", "x-y-z", "--"]


def table(*, gaps: bool = True) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "a": random.gamma(2, 10, 120),
            "b": random.integers(0, 9, 120),
            "c": random.normal(size=120).round(2),
            "flag": random.random(120) < 0.5,
            "s": np.resize(np.array(TEXTS, object), 120),
            "t": random.choice(["x", "y", "ann "], 120),
        }
    )
    if gaps:
        frame.loc[::7, ["a", "c"]] = np.nan
        frame.loc[::5, "s"] = None
    return frame


def numbers() -> pd.DataFrame:
    return table()[["a", "b", "c"]]


def new_columns(df: pd.DataFrame) -> pd.DataFrame:
    df = df.copy()
    df["ratio"] = df["a"] / df["b"]
    df["large"] = (df["a"].fillna(0) > 20).astype(int)
    df["where"] = np.where(df["c"] > LIMIT, df["c"], -df.c)
    df["one"] = 1
    df.loc[df["a"] > 12.5, "c"] = 3.0
    df.insert(0, "first", np.sign(df["c"]))
    return df.drop(columns=["b"]).rename(columns={"a": "A"})


def in_order(df: pd.DataFrame) -> pd.DataFrame:
    rest = [name for name in df.columns if name != "a"]
    return df[[*rest, "a"]].iloc[:, 1:].assign(x=lambda d: d["a"] * 2)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "new columns": new_columns,
    "columns in another order": in_order,
    "a new frame": lambda df: pd.DataFrame({"r": 100.0 * (df["a"] - df["b"]) / df["b"], "k": df["c"] ** 2}),
    "side by side": lambda df: pd.concat([df[["a"]], np.sqrt(df[["b"]]), df["c"].rename("g")], axis=1),
    "each column": lambda df: df.apply(lambda s: (s - 3) / 2),
    "a whole frame": lambda df: (df - 2.5) * 3,
    "a row of constants": lambda df: (df - pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})) / [1, 2, 4],
    "where": lambda df: df.where(df > 0, 0).mask(df > 5, -1.0),
    "where series": lambda df: df["a"].where(df["b"] >= 4, df["c"]).to_frame(),
    "clip": lambda df: df.clip(0, 5).assign(d=df["a"].clip(upper=df["b"]), e=df["c"].clip(1, -1)),
    "clip of numpy": lambda df: np.clip(df, 0, 5),
    "fill": lambda df: df.fillna({"a": -1, "c": 0.5}),
    "fill all": lambda df: df.fillna(0.0),
    "fill from another": lambda df: df["a"].fillna(df["c"]).fillna(7).to_frame(),
    "missing": lambda df: df.isna().astype(int).assign(n=df["a"].notna(), m=pd.isna(df["c"])),
    "rows": lambda df: pd.DataFrame({"s": df.sum(axis=1), "m": df[["a", "c"]].mean(axis=1), "x": df.max(axis=1)}),
    "rows with gaps": lambda df: df.min(axis=1, skipna=False).to_frame(),
    "count": lambda df: df.isna().sum(axis=1).to_frame(),
    "between": lambda df: pd.DataFrame(
        {"m": df["b"].isin([1, 2]) | df["c"].between(-0.5, 0.5), "d": df["a"].gt(df["b"])}
    ),
    "logic": lambda df: pd.DataFrame({"m": ~(df["a"] > 3) & (df["b"] != 2), "x": (df["a"] > 3) ^ (df["c"] < 0)}),
    "codes": lambda df: pd.DataFrame(
        {"m": df["b"].map({0: 1.5, 1: -1, 2: np.nan}), "r": df["b"].replace({3: 30, 4: 0.5})}
    ),
    "replaced by one": lambda df: df.replace([1, 2], 9).replace(np.nan, -1),
    "bins": lambda df: pd.DataFrame(
        {
            "k": pd.cut(df["a"], [0, 5, 10, 50], labels=False),
            "l": pd.cut(df["a"], bins=[-np.inf, 5, 10, np.inf], right=False, labels=False),
            "m": pd.cut(df["b"], [0, 3, 8], include_lowest=True, labels=[10, 20]).astype(float),
        }
    ),
    "bins of numpy": lambda df: df.assign(
        z=np.digitize(df["c"], [-1, 0, 1]), r=np.round(df["a"], 1), s=df["a"].round()
    ),
    "an array": lambda df: df.to_numpy()[:, [2, 0]] * 2,
    "its values": lambda df: df[["a", "c"]].values + np.asarray(df["b"]).reshape(-1, 1),
    "a frame of an array": lambda df: pd.DataFrame(np.abs(df.to_numpy()), columns=["x", "y", "z"], index=df.index),
    "by type": lambda df: df.select_dtypes("number").filter(like="a"),
    "two frames": lambda df: df[["a", "b"]] + df[["a", "b"]].values * 2,
    "maximum": lambda df: np.maximum(df[["a", "c"]], 1).assign(m=np.maximum(df["a"], df["b"])),
    "integers": lambda df: pd.DataFrame({"i": df["b"].astype(int) * 3 - 1, "j": df["b"].astype("int64") / 2}),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers(name: str) -> None:
    check_transform(FunctionTransformer(FUNCTIONS[name]), numbers(), tolerance=1e-15 if "rows" in name else 0.0)


TEXT_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "lower": lambda df: df["s"].str.lower().to_frame(),
    "upper": lambda df: df["s"].str.upper().to_frame(),
    "strip": lambda df: df["s"].str.strip().to_frame(),
    "left": lambda df: df["s"].str.lstrip().str.rstrip("-\n").to_frame(),
    "one character": lambda df: df["s"].str.replace("-", "").str.replace(".", "..", regex=False).to_frame(),
    "several characters": lambda df: df["s"].str.replace("Mr", "Dr").str.replace("--", "").to_frame(),
    "another text": lambda df: df["s"].fillna("none").replace({"ann ": "Ann", "": "empty"}).to_frame(),
    "joined": lambda df: (df["s"] + "/" + df["t"]).to_frame(),
    "chosen": lambda df: df["s"].where(df["t"] == "x", "other").to_frame(),
    "mapped": lambda df: df["t"].map({"x": "first", "y": "second"}).to_frame(),
}


@pytest.mark.parametrize("dtype", [object, "str"])
@pytest.mark.parametrize("name", TEXT_FUNCTIONS)
def test_texts(name: str, dtype: Any) -> None:
    """What stays text is seen through the categories that an encoder makes of it."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    function = TEXT_FUNCTIONS[name]
    rows = table()[["s", "t"]].astype(dtype)
    step = FunctionTransformer(function)
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    check_transform(make_pipeline(step, encoder), rows)


@pytest.mark.parametrize("dtype", [object, "str"])
@pytest.mark.parametrize(
    "function",
    [
        lambda s: s.str.len(),
        lambda s: s.str.contains("Mr", na=False),
        lambda s: s.str.contains("a.b|c", regex=False, na=False).astype(int),
        lambda s: s.str.contains("X|b", na=False),
        lambda s: s.str.startswith("Mr", na=False),
        lambda s: s.str.endswith("\n", na=False),
        lambda s: s.str.strip().str.lower().map(NAMES),
        lambda s: s.eq("ann ") | s.isin(["", " Bob"]),
        lambda s: s.isna(),
        lambda s: s != "ann ",
    ],
)
def test_numbers_of_texts(function: Callable[[Any], Any], dtype: Any) -> None:
    check_transform(FunctionTransformer(lambda df: function(df["s"]).to_frame()), table()[["s"]].astype(dtype))


def test_columns_of_several_types() -> None:
    def function(df: pd.DataFrame) -> pd.DataFrame:
        flags = df["flag"] & (df["t"] == "x")
        return pd.DataFrame({"f": flags, "g": ~df["flag"], "n": df["flag"] * df["a"], "t": df["t"].map({"x": 1.0})})

    check_transform(FunctionTransformer(function), table())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=20), st.text(min_size=1, max_size=2))
def test_any_text(texts: list[str], part: str) -> None:
    def function(df: pd.DataFrame) -> pd.DataFrame:
        tidy = df["s"].str.strip()
        return pd.DataFrame(
            {
                "n": tidy.str.len(),
                "lower": tidy.str.lower().eq(part.lower()),
                "in": df["s"].str.contains(part, regex=False),
                "starts": df["s"].str.startswith(part),
                "cut": df["s"].str.replace(part, "<>", regex=False).str.len(),
            }
        ).astype(float)

    check_transform(FunctionTransformer(function), pd.DataFrame({"s": texts}, dtype=object))
