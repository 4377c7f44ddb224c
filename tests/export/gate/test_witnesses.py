"""Which rows a model's file carries: of every kind and label, the hardest, and none that hangs on rounding."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import alpenglow
from alpenglow._export.gate.witnesses import MOST_BYTES, MOST_CHARACTERS, MOST_ROWS, margins, order
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.model import load
from alpenglow._serve.signature import KEY as SIGNATURE
from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS
from alpenglow._serve.table import Table, nowhere
from alpenglow._serve.verification import carried, verify
from alpenglow._serve.witnesses import KEY, Witnesses
from tests.tables import diabetes, wine

WINE = wine().drop(columns="target")
COLOURED = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["colour"]), remainder="passthrough", verbose_feature_names_out=False
)


def kept(estimator: Any, X: Any, path: Path) -> Witnesses:
    """What the file of an exported model carries."""
    alpenglow.export(estimator, X, path)
    found = carried(load(path), path)
    assert found
    return found


def metadata(path: Path) -> dict[str, str]:
    """What lies beside the graph."""
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A forest on numbers, gaps, texts and booleans."""
    estimator = make_pipeline(COLOURED, RandomForestClassifier(10, random_state=0)).fit(WINE, wine()["target"])
    path = tmp_path_factory.mktemp("forest") / "model.onnx"
    alpenglow.export(estimator, WINE, path)
    return estimator, path


def test_there_are_some_hundred_of_every_kind_and_label(forest) -> None:
    found = carried(load(forest[1]), forest[1])
    assert found
    assert 64 < len(found.kinds) <= MOST_ROWS
    assert len(metadata(forest[1])[KEY]) <= MOST_BYTES
    kinds = {"the sample", "a missing value", "an unknown category", "each category", "an unusual number"}
    assert set(found.kinds) >= kinds | {"a threshold or edge"}
    assert set(found.answers["label"].tolist()) == {0, 1, 2}
    assert MISSING in found.values[TEXTS]
    assert np.isnan(found.values[NUMBERS]).any()


def test_their_answers_are_scikit_learn_s(forest) -> None:
    found = carried(load(forest[1]), forest[1])
    assert found
    columns = load(forest[1]).signature.columns
    numbers = iter(found.values[NUMBERS].T)
    texts = iter(np.where(found.values[TEXTS] == MISSING, None, found.values[TEXTS]).T)
    values = {column.name: next(texts if column.kind == TEXTS else numbers) for column in columns}
    rows = pd.DataFrame(values).astype({"strong": bool})[list(WINE)]
    np.testing.assert_array_equal(forest[0].predict(rows), found.answers["label"])
    np.testing.assert_array_equal(forest[0].predict_proba(rows), found.answers["probabilities"])


def test_no_row_is_there_twice(forest) -> None:
    found = carried(load(forest[1]), forest[1])
    assert found
    rows = [
        (*numbers, *texts) for numbers, texts in zip(*(found.values[k].tolist() for k in (NUMBERS, TEXTS)), strict=True)
    ]
    assert len({str(row) for row in rows}) == len(rows)


def test_the_server_takes_each(forest) -> None:
    found = carried(load(forest[1]), forest[1])
    assert found
    columns = load(forest[1]).signature.columns
    for row in range(len(found.kinds)):
        cells = {kind: iter(values[row].tolist()) for kind, values in found.values.items()}
        named = {column.name: [as_json(next(cells[column.kind]), column.type)] for column in columns}
        encoded = Inputs(columns).encode(Table(named, 1, nowhere)).values
        for kind, values in found.values.items():
            np.testing.assert_array_equal(encoded[kind][0], values[row])


def as_json(cell: float | str, kind: str) -> float | str | bool | None:
    """A cell of a tensor as a request has it."""
    if cell == MISSING or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return bool(cell) if kind == "boolean" else cell


def test_the_same_export_is_the_same_file(forest, tmp_path) -> None:
    estimator, path = forest
    alpenglow.export(estimator, WINE, tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == path.read_bytes()


def test_ties_are_among_them_where_the_graph_ties_to_the_last_bit(tmp_path) -> None:
    X = pd.DataFrame({"a": [0.0, 0, 1, 1] * 5})
    estimator = DecisionTreeClassifier().fit(X, [0, 1, 1, 1] * 5)
    found = kept(estimator, X, tmp_path / "model.onnx")
    assert (found.answers["probabilities"] == 0.5).any()


@pytest.mark.parametrize("estimator", [LinearSVC(random_state=0), SGDClassifier(random_state=0), LogisticRegression()])
def test_no_label_hangs_on_rounding(estimator, tmp_path) -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.integers(-3, 4, (200, 3)), columns=list("abc")).astype(float)
    estimator.fit(X, X.sum(axis=1) > 0)
    estimator.coef_, estimator.intercept_ = np.array([[0.1, 0.1, 0.1]]), np.array([0.0])
    assert (np.abs(X.sum(axis=1)) == 0).any()  # on the border, on one side of it or the other by rounding
    found = kept(estimator, X, tmp_path / "model.onnx")
    assert len(found.kinds) > 20
    assert (np.abs(found.values[NUMBERS].sum(axis=1)) > 1e-12).all()


def test_no_cluster_hangs_on_rounding_either(tmp_path) -> None:
    X = pd.DataFrame({"a": np.arange(-10.0, 11), "b": 0.1})
    estimator = KMeans(2, n_init=1, random_state=0).fit(X)
    estimator.cluster_centers_ = np.array([[-1.0, 0.1], [1.0, 0.1]])
    found = kept(estimator, X, tmp_path / "model.onnx")
    assert len(found.kinds) > 15
    a, b = found.values[NUMBERS].T
    assert (np.abs(a[np.abs(b) < 1e9]) > 1e-12).all()  # as far from one centre as from the other; beside 1e9 all are


def test_long_texts_and_what_no_request_has_are_left_out(tmp_path) -> None:
    texts = [f"word{i % 7} " * (1 + i % 90) for i in range(200)]
    estimator = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, np.arange(200) % 2)
    found = kept(estimator, np.array(texts, dtype=object), tmp_path / "model.onnx")
    assert len(found.kinds) > 20
    assert max(len(text) for text in found.values[TEXTS].ravel()) <= MOST_CHARACTERS


@pytest.mark.parametrize("columns", [300, 1000])
def test_wide_tables_carry_few_rows_and_a_quarter_of_the_signature(columns: int, tmp_path) -> None:
    X = np.random.default_rng(0).normal(size=(50, columns))
    estimator = DecisionTreeRegressor(max_depth=3).fit(X, X[:, 0])
    found = kept(estimator, X, tmp_path / "model.onnx")
    texts = metadata(tmp_path / "model.onnx")
    assert 1 <= len(found.kinds) < 64
    assert len(texts[KEY]) <= max(MOST_BYTES, len(texts[SIGNATURE].encode()) // 4)


def test_rows_may_be_kept_out_of_the_file(tmp_path) -> None:
    X, y = diabetes().drop(columns="target"), diabetes()["target"]
    alpenglow.export(LinearRegression().fit(X, y), X, tmp_path / "model.onnx", witnesses=False)
    assert list(metadata(tmp_path / "model.onnx")) == [SIGNATURE]
    assert verify(load(tmp_path / "model.onnx"), tmp_path / "model.onnx").result == "no witnesses"


SCORES = st.integers(1, 200).flatmap(lambda n: st.lists(st.floats(0, 1), min_size=n, max_size=n))


@given(SCORES)
def test_every_row_has_its_place_and_the_hardest_comes_first(scores: list[float]) -> None:
    probabilities = np.stack([scores, 1 - np.array(scores)], axis=1)
    answers = {"label": np.arange(len(scores)) % 3, "probabilities": probabilities}
    places = order(answers, 1.0)
    assert sorted(places) == list(range(len(scores)))
    hardness = margins(answers, 1.0)
    assert hardness[places[0]] == hardness.min()
    few = places[: min(len(scores), 12)]
    assert len(Counter(answers["label"][few])) == min(3, len(scores))
