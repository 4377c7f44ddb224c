"""What the proof of a wide table costs, and that no column is left out of it."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import alpenglow
from alpenglow._export.convert import convert
from alpenglow._export.gate import parity
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.patience import Patience
from alpenglow._export.gate.rows import UNUSUAL, kinds
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.probe import UNKNOWN

ROWS = 60
NUMBERS = 200  # of the table that is wide
MOST_GROWTH = 5.0  # for four times the columns
MOST_CALLS = 300
MOST_ROWS = 25_000


@dataclass
class Asked:
    """How often a pipeline was asked, and for how many cells."""

    calls: int = 0
    cells: int = 0


def table(numbers: int, texts: int = 0, gaps: float = 0.05) -> tuple[pd.DataFrame, Any]:
    """Numbers of all sizes and texts of three categories; labels that follow from the first number."""
    random = np.random.default_rng(0)
    values = random.normal(size=(ROWS, numbers)) * random.uniform(0.01, 100, numbers)
    words = {f"t{i}": random.choice(["red", "green", "blue"], ROWS).astype(object) for i in range(texts)}
    features = pd.DataFrame({f"n{i}": values[:, i] for i in range(numbers)} | words)
    return features.mask(random.random(features.shape) < gaps), values[:, 0] > 0


def model(last: Any, handle_unknown: str = "ignore") -> Any:
    """A pipeline that takes numbers and texts, with gaps."""
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector("n")),
        (OneHotEncoder(handle_unknown=handle_unknown), make_column_selector("t")),
    )
    return make_pipeline(columns, last)


def cost(pipeline: Any, features: pd.DataFrame) -> Asked:
    """Of all that an export asks a pipeline for."""
    asked = Asked()

    class Watched(type(pipeline)):  # type: ignore[misc]
        def predict(self, X: pd.DataFrame, **params: Any) -> Any:
            asked.calls += 1
            asked.cells += X.size
            return super().predict(X, **params)

    watched = copy.copy(pipeline)
    watched.__class__ = Watched
    columns = describe_columns(Fitted(watched), features)
    graph = Graph(convert(Fitted(pipeline), columns, features), columns)
    checks = parity.check(Fitted(watched), graph, features, 1e-9, lambda line: None)
    assert not any(check.different_labels or check.too_far for check in checks)
    return asked


def test_four_times_the_columns_cost_four_times_as_much() -> None:
    pipeline = model(RandomForestClassifier(10, random_state=0))
    narrow, wide = (cost(pipeline.fit(*both), both[0]) for both in (table(100), table(400)))
    assert wide.calls < MOST_GROWTH * narrow.calls
    assert wide.cells < MOST_GROWTH * narrow.cells


@pytest.mark.parametrize("handle_unknown", ["ignore", "error"])
def test_texts_beside_numbers_need_no_more_than_so_many_rows(handle_unknown) -> None:
    features, target = table(240, 60)
    asked = cost(model(LogisticRegression(), handle_unknown).fit(features, target), features)
    assert asked.calls < MOST_CALLS
    assert asked.cells < MOST_ROWS * features.shape[1]


@pytest.fixture(scope="module")
def wide() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """A sample of 240 columns without gaps, and all rows of each kind that are made of it."""
    features, target = table(NUMBERS, 40, gaps=0.0)
    pipeline = model(RandomForestClassifier(10, random_state=0)).fit(features, target)
    found = kinds(Fitted(pipeline), describe_columns(Fitted(pipeline), features), features)
    return features, {kind.what: pd.concat(list(kind.frames), ignore_index=True) for kind in found}


def test_each_column_of_a_wide_table_is_missing_somewhere_and_alone(wide) -> None:
    _, rows = wide
    gaps = rows["a missing value"].isna()
    assert gaps.any().all()
    assert (gaps.sum(axis=1) == 1).all()


def test_each_column_of_a_wide_table_gets_each_kind_of_value(wide) -> None:
    sample, rows = wide
    for name in sample.columns[NUMBERS:]:
        assert UNKNOWN in set(rows["an unknown category"][name])
        assert {"red", "green", "blue", ""} <= set(rows["each category"][name])
    for name in sample.columns[:NUMBERS]:
        assert set(UNUSUAL) & set(rows["an unusual number"][name])
        assert rows["the largest number"][name].agg(["min", "max"]).abs().gt(1e30).all()
        assert not set(rows["a threshold or edge"][name]) <= set(sample[name])


def test_the_unusual_numbers_take_turns(wide) -> None:
    sample, rows = wide
    assert set(UNUSUAL) <= set(rows["an unusual number"][list(sample.columns[:NUMBERS])].to_numpy().ravel())


def test_rows_of_one_column_differ_from_the_sample_in_that_column_alone(wide) -> None:
    sample, rows = wide
    known = {tuple(row) for row in sample.to_numpy()[:, 1:]}
    numbers = rows["an unusual number"]
    mine = numbers[numbers["n0"].isin(UNUSUAL)]
    assert len(mine) > 0
    assert {tuple(row) for row in mine.to_numpy()[:, 1:]} <= known


def encoded(count: int) -> tuple[Any, pd.DataFrame, set[str]]:
    """An encoder that takes a missing value in every second column, as it was fitted on some."""
    random = np.random.default_rng(0)
    features = pd.DataFrame({f"t{i}": random.choice(["red", "green"], ROWS).astype(object) for i in range(count)})
    gaps = set(features.columns[::2])
    features.loc[ROWS - 1, sorted(gaps)] = None
    pipeline = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(features, np.arange(ROWS) % 2)
    return pipeline, features, gaps


@pytest.mark.parametrize("count", [6, 60, 150])
def test_columns_that_are_treated_otherwise_than_their_neighbours_are_found(count) -> None:
    pipeline, features, gaps = encoded(count)
    assert {column.name for column in describe_columns(Fitted(pipeline), features) if column.nullable} == gaps


def test_texts_that_may_be_missing_are_found_beside_many_numbers_that_may_not() -> None:
    features, target = table(400, 20, gaps=0.0)
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector("n")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector("t")),
    )
    known = Fitted(make_pipeline(columns, LogisticRegression()).fit(features, target))
    found = describe_columns(known, features)
    assert {column.name for column in found if column.nullable} == {name for name in features if name[0] == "t"}


@pytest.mark.parametrize(("count", "undecided"), [(100, False), (300, True)])
def test_columns_that_were_asked_about_only_together_are_counted_in_a_note(tmp_path, count, undecided) -> None:
    features, target = table(count, gaps=0.0)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, target)
    report = alpenglow.export(pipeline, features, tmp_path / "model.onnx")
    assert [note.split(" ")[0] for note in report.notes if "only together" in note] == [str(count)] * undecided


def test_how_far_it_is_is_said_now_and_then() -> None:
    lines: list[str] = []
    for every in (0.0, 1000.0):
        say = Patience(lines.append, every)
        say(f"after {every}")
    assert lines == ["after 0.0"]
