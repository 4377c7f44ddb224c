"""Values that are odd and yet fine: predicted as scikit-learn predicts them. docs/requests.md says what is decided."""

import json
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from alpenglow._serve.signature import MISSING
from tests.commands import alpenglow
from tests.servers import gunicorn


@pytest.fixture(scope="session")
def pipeline(artifacts) -> Any:
    """The Adult forest in scikit-learn."""
    return joblib.load(artifacts / "pipeline.joblib")


def records(frame: pd.DataFrame) -> str:
    """As json.dumps writes it: NaN for a gap."""
    return json.dumps(frame.to_dict("records"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("age", 38.5),
        ("age", -0.0),
        ("fnlwgt", 2**53 + 1),
        ("fnlwgt", 10**30),
        ("fnlwgt", 1e-320),
        ("capital-gain", 1e38),
        ("age", np.nan),
        ("workclass", "no such work"),
        ("workclass", ""),
        ("workclass", " Private\0"),
        ("workclass", " Private\0 and more"),
        ("workclass", "\x00"),
        ("workclass", "\U0001f600\u0000\u202e"),
        ("workclass", "x" * 100_000),
        ("workclass", "nan"),
        ("workclass", "None"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_value_is_predicted_as_scikit_learn_predicts_it(server, sample, pipeline, column, value) -> None:
    rows = sample.sample(40, random_state=1).astype({column: "object"})
    rows[column] = value
    expected = rows.astype({column: "float64" if isinstance(value, int | float) else "object"})
    answer = server.post(records(rows), "/predict?probabilities=true")
    assert answer.status_code == 200, answer.text
    assert answer.json()["predictions"] == pipeline.predict(expected).tolist()
    np.testing.assert_allclose(answer.json()["probabilities"], pipeline.predict_proba(expected), rtol=1e-12)


@pytest.mark.parametrize("text", ["NaN", "null"])
def test_both_words_for_a_gap_are_the_same(server, sample, pipeline, text) -> None:
    rows = sample.head(20).assign(age=np.nan, workclass=None)
    body = json.dumps(rows.to_dict("records")).replace("NaN", text)
    gaps = pd.Series(np.nan, index=rows.index, dtype="object")
    assert server.predictions(body) == pipeline.predict(rows.assign(workclass=gaps)).tolist()


@pytest.mark.parametrize(
    ("column", "text", "detail"),
    [
        ("age", '"38"', 'expected a number, got "38"'),
        ("age", "true", "expected a number, got true"),
        ("age", "1" + "0" * 400, "expected a number from -3.40282e+38 to 3.40282e+38, got 1000"),
        ("age", "1e400", "number out of range"),
        ("age", "[1]", "expected a number, got [1]"),
        ("sex", "1", "expected a string, got 1"),
        ("sex", '"\\ud800"', "half of a surrogate pair"),
        ("sex", f'"{MISSING}"', "expected null for a missing value"),
    ],
)
def test_a_value_that_scikit_learn_would_misread_is_refused(server, sample, column, text, detail) -> None:
    row = json.loads(records(sample.head(1)))[0] | {column: "HERE"}
    answer = server.post(json.dumps([row]).replace('"HERE"', text).encode())
    assert answer.status_code in (400, 422)
    assert detail in answer.json()["detail"]


def test_strictly_an_unknown_category_is_refused_with_those_that_are_known(server, sample) -> None:
    rows = sample.head(3).assign(sex=[" Male", "x", " Female"])
    assert len(server.predictions(records(rows))) == 3
    answer = server.post(records(rows), "/predict?strict=true")
    assert answer.status_code == 422
    assert answer.json()["detail"] == 'row 1, column \'sex\': expected one of " Female", " Male", got "x"'
    for path, body in (
        ("/invocations", {"dataframe_records": rows.to_dict("records")}),
        ("/v1/models/adult:predict", {"instances": rows.to_dict("records")}),
    ):
        answer = server.post(json.dumps(body), f"{path}?strict=true")
        assert answer.status_code == 400
        assert "expected one of" in answer.text


def test_a_thousand_columns(tmp_path) -> None:
    features = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 1000))).add_prefix("column ")
    regression = LinearRegression().fit(features, features["column 7"])
    joblib.dump(regression, tmp_path / "pipeline.joblib")
    joblib.dump(features, tmp_path / "sample.joblib")
    alpenglow("export", tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx")
    expected = pytest.approx(regression.predict(features), rel=1e-9)
    with gunicorn(tmp_path / "model.onnx", WORKERS="1") as server:
        assert server.predictions(features.to_json(orient="split", double_precision=15)) == expected
        assert server.predictions(records(features)) == expected
        answer = server.post(features.to_csv(index=False).encode(), **{"Content-Type": "text/csv"})
        assert answer.json()["predictions"] == expected
        answer = server.post(json.dumps({"columns": list(features), "data": [["x"] * 1000]}))
        assert answer.json()["detail"].startswith("1,000 faults, the first: row 0, column 'column 0'")
        for path in ("/model", "/openapi.json", "/metrics", "/docs", "/predict"):
            assert server.get(path).status_code == 200
