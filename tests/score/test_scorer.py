"""`alpenglow.scorer`: batches in, the same with answers out."""

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.svm import LinearSVC

import alpenglow
from alpenglow._score.scorer import loaded
from alpenglow._serve.model import ModelError
from tests.commands import ROOT
from tests.tables import diabetes, wine


@pytest.fixture(scope="module")
def answers(model, wines) -> dict[str, list[Any]]:
    """What `alpenglow.load` says."""
    there = alpenglow.load(model)
    return {"prediction": there.predict(wines).tolist(), "probabilities": there.predict_proba(wines).tolist()}


@pytest.fixture(scope="module")
def rows(wines) -> pd.DataFrame:
    """With a column that the model does not read, and an index."""
    return wines.assign(id=range(len(wines))).set_index(np.arange(len(wines)) * 10)


KINDS = {
    "pandas": lambda frame: frame,
    "a table": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "a batch": lambda frame: pa.RecordBatch.from_pandas(frame, preserve_index=False),
    "polars": pl.from_pandas,
    "numpy": lambda frame: {name: frame[name].to_numpy() for name in frame},
}


def listed(batch: Any, name: str) -> list[Any]:
    """A column, whatever has it."""
    values = batch[name]
    read = next(method for method in ("to_pylist", "to_list", "tolist") if hasattr(values, method))
    found = getattr(values, read)()
    return [value.tolist() if hasattr(value, "tolist") else value for value in found]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_comes_back_with_the_answers(model, rows, answers, kind) -> None:
    batch = KINDS[kind](rows)
    scored = alpenglow.scorer(model)(batch)
    assert type(scored) is type(batch)
    names = scored.column_names if hasattr(scored, "column_names") else list(getattr(scored, "columns", scored))
    assert names == [*rows.columns, "prediction", "probabilities"]
    for name, values in answers.items():
        assert listed(scored, name) == values
    assert listed(scored, "id") == rows["id"].tolist()


def test_pandas_keeps_its_index_and_has_the_same_types_with_rows_and_without(model, rows) -> None:
    score = alpenglow.scorer(model)
    assert score(rows).index.equals(rows.index)
    assert score(rows).dtypes.equals(score(rows.head(0)).dtypes)
    assert score(KINDS["a table"](rows)).schema == score(KINDS["a table"](rows.head(0))).schema
    assert score(KINDS["polars"](rows)).schema == score(KINDS["polars"](rows.head(0))).schema


@pytest.mark.parametrize("kind", KINDS)
def test_an_iterator_of_batches_becomes_one(model, rows, answers, kind) -> None:
    parts = [rows[:50], rows[50:50], rows[50:]]
    scored = alpenglow.scorer(model)(KINDS[kind](part) for part in parts)
    assert [value for batch in scored for value in listed(batch, "prediction")] == answers["prediction"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_does_not_fit_is_named_with_its_number(model, rows, kind) -> None:
    bad = rows.assign(size=rows["size"].where(rows["id"] != 60, "huge"))
    with pytest.raises(ValueError, match='row 60, column \'size\': expected one of "large", "small", got "huge"'):
        alpenglow.scorer(model)(KINDS[kind](bad))
    with pytest.raises(ValueError, match="row 60, column 'size'"):
        list(alpenglow.scorer(model)(KINDS[kind](part) for part in (bad[:50], bad[50:])))


@pytest.mark.parametrize("kind", KINDS)
def test_or_it_gets_no_answer_and_says_why_in_a_column(model, rows, answers, kind) -> None:
    bad = rows.assign(
        size=rows["size"].where(rows["id"] != 60, "huge"), proline=rows["proline"].where(rows["id"] % 60 != 0)
    )
    score = alpenglow.scorer(model, errors="column", keep=["id"])
    scored = score(KINDS[kind](bad))
    wrong = [0, 60, 120]
    labels, errors = listed(scored, "prediction"), listed(scored, "error")
    assert [label for at, label in enumerate(labels) if at not in wrong] == [
        label for at, label in enumerate(answers["prediction"]) if at not in wrong
    ]
    assert all(pd.isna(labels[at]) for at in wrong)
    assert errors[60] == (
        "row 60, column 'proline': expected a number, as the model takes no missing value here, got null; "
        'row 60, column \'size\': expected one of "large", "small", got "huge"'
    )
    assert [at for at, error in enumerate(errors) if isinstance(error, str)] == wrong
    if kind == "pandas":
        assert scored.dtypes.equals(score(rows).dtypes)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"keep": []}, ["prediction", "probabilities"]),
        ({"keep": ["strong", "id"], "outputs": ["prediction"]}, ["prediction"]),
        ({"outputs": ["probabilities", "prediction"]}, ["prediction", "probabilities"]),
    ],
)
def test_what_is_kept_and_answered_can_be_said(model, rows, options, names) -> None:
    for kind in ("pandas", "polars"):
        scored = alpenglow.scorer(model, **options)(KINDS[kind](rows))
        assert sorted(scored.columns) == sorted([*options.get("keep", rows.columns), *names])


def test_the_schema_is_sql(model, tmp_path) -> None:
    assert alpenglow.scorer(model).schema == "prediction BIGINT, probabilities ARRAY<DOUBLE>"
    assert alpenglow.scorer(model, errors="column", outputs=["prediction"]).schema == "prediction BIGINT, error STRING"
    table = diabetes()
    X, y = table.drop(columns="target"), table[["target", "age"]]
    alpenglow.export(LinearRegression().fit(X, y), X, tmp_path / "two.onnx")
    alpenglow.export(LinearRegression().fit(X, y["age"]), X, tmp_path / "one.onnx")
    assert alpenglow.scorer(tmp_path / "two.onnx").schema == "prediction ARRAY<DOUBLE>"
    assert alpenglow.scorer(tmp_path / "one.onnx").schema == "prediction DOUBLE"


def test_decisions_and_targets_are_lists(tmp_path) -> None:
    X, y = wine().select_dtypes("float").fillna(1.0).drop(columns=["alcohol"]), wine()["target"]
    names = y.map({0: "a", 1: "b", 2: "c"})
    fitted = LinearSVC(random_state=0).fit(X / X.max(), names)
    alpenglow.export(fitted, X / X.max(), tmp_path / "svc.onnx")
    score = alpenglow.scorer(tmp_path / "svc.onnx")
    assert score.schema == "prediction STRING, decision ARRAY<DOUBLE>"
    scored = score(X / X.max())
    assert scored["prediction"].tolist() == fitted.predict(X / X.max()).tolist()
    np.testing.assert_allclose(np.array(scored["decision"].tolist()), fitted.decision_function(X / X.max()), rtol=1e-12)


def test_it_goes_to_another_process_without_the_file(model, rows, answers, tmp_path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(model.read_bytes())
    content = pickle.dumps(alpenglow.scorer(copy, outputs=["prediction"]))
    copy.unlink()
    assert len(content) < model.stat().st_size + 1000
    program = "import pickle, sys; s, r = pickle.load(sys.stdin.buffer); print(s(r)['prediction'].tolist())"
    sent = pickle.dumps((pickle.loads(content), rows))
    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, cwd=ROOT, check=True)
    assert done.stdout.decode().strip() == str(answers["prediction"])


def test_a_process_loads_a_model_once(model, rows) -> None:
    loaded.cache_clear()
    content = pickle.dumps(alpenglow.scorer(model))
    for _ in range(3):
        pickle.loads(content)(rows)
    assert loaded.cache_info().misses == 1


def test_what_cannot_be_done_is_said(model, rows, tmp_path) -> None:
    with pytest.raises(TypeError, match=r"expected a table of Arrow, pandas or Polars, .* got list"):
        alpenglow.scorer(model)([1, 2])
    with pytest.raises(ValueError, match="has a column 'prediction' already"):
        alpenglow.scorer(model)(rows.assign(prediction=1))
    with pytest.raises(ValueError, match="there is no column 'name' to keep"):
        alpenglow.scorer(model, keep=["name"])(rows)
    with pytest.raises(ValueError, match="missing columns: 'size'"):
        alpenglow.scorer(model)(rows.drop(columns="size"))
    with pytest.raises(ValueError, match="column 'size' is given more than once"):
        alpenglow.scorer(model)(pd.concat([rows, rows[["size"]]], axis=1))
    with pytest.raises(ValueError, match='errors: expected "raise" or "column"'):
        alpenglow.scorer(model, errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="is no ONNX model"):
        alpenglow.scorer(b"nothing")
    with pytest.raises(FileNotFoundError):
        alpenglow.scorer(tmp_path / "none.onnx")


def test_without_pyarrow_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['pyarrow'] = None; import alpenglow; alpenglow.scorer"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "ModuleNotFoundError: alpenglow.scorer needs pyarrow: pip install 'alpenglow[score]'" in done.stderr
