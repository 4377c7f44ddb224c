"""Bad input over HTTP: the right status, problem details, and a server that goes on."""

import gzip
import json
import socket

import joblib
import pytest
import requests
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.commands import alpenglow
from tests.servers import gunicorn
from tests.tables import wine


def changed(seed_request: bytes, **changes: object) -> bytes:
    """The seed's request with other values in some columns."""
    request = json.loads(seed_request)
    for name, value in changes.items():
        request["data"][0][request["columns"].index(name.replace("_", "-"))] = value
    return json.dumps(request).encode()


def refused(answer: requests.Response, status: int, detail: str) -> dict[str, object]:
    """Check a refusal; return the problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert detail in str(problem["detail"])
    return problem


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 400, "the body is empty: expected {"),
        (b"{", 400, "the JSON ends before it is complete"),
        (b'{"columns": ["age"], "data": [[Infinity]]}', 400, "Infinity is no JSON"),
        (b"\x00\xff\xfe", 400, "JSON is malformed"),
        (b"[" * 200_000, 400, "nested too deeply"),
        (b'[{"age": ' * 200_000, 400, "the body is nested too deeply"),
        (b"5", 422, "expected `object | array`, got `int`"),
        (b"[]", 422, "no rows to predict"),
        (b'[{"age": 1}, {}]', 422, "row 1 has no 'age': send null for a missing value"),
        (b'{"columns": ["age"], "data": []}', 422, "no rows to predict"),
        (
            b'{"columns": ["age"], "data": [[1]]}',
            422,
            "missing columns: 'workclass', 'fnlwgt', 'education', 'education-num'",
        ),
        (b'{"columns": ["age", "age"], "data": [[1, 2]]}', 422, "column 'age' is given more than once"),
        (b'{"columns": ["age"], "data": [[1], [1, 2]]}', 422, "row 1 has 2 values, expected 1"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bodies(server, body, status, detail) -> None:
    refused(server.post(body), status, detail)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"age": "abc"}, "row 0, column 'age': expected a number, got \"abc\""),
        ({"education_num": "10"}, "row 0, column 'education-num': expected a number, got \"10\""),
        ({"age": True}, "expected a number, got true"),
        ({"age": 10**400}, "expected a number from -3.40282e+38 to 3.40282e+38"),
        ({"age": 1e39}, "expected a number from -3.40282e+38 to 3.40282e+38"),
        ({"workclass": 5}, "row 0, column 'workclass': expected a string, got 5"),
        ({"workclass": ["a"]}, "row 0, column 'workclass': expected a string, got [\"a\"]"),
    ],
    ids=str,
)
def test_values(server, seed_request, changes, detail) -> None:
    problem = refused(server.post(changed(seed_request, **changes)), 422, detail)
    fault = problem["errors"][0]
    assert (fault["row"], fault["column"]) == (0, next(iter(changes)).replace("_", "-"))
    assert fault["pointer"].startswith("#/data/0/")


def test_twenty_faults_are_listed_and_all_are_counted(server, seed_request) -> None:
    request = json.loads(changed(seed_request, age="x", race=1))
    request["data"] *= 30
    problem = refused(server.post(json.dumps(request)), 422, "60 faults, the first: row 0, column 'age'")
    assert (len(problem["errors"]), problem["more_errors"]) == (20, 40)


def test_a_gap_is_refused_where_scikit_learn_raises(tmp_path) -> None:
    table = wine()[["alcohol", "hue", "colour", "target"]].dropna()
    encoder = make_column_transformer((StandardScaler(), ["alcohol", "hue"]), (OneHotEncoder(), ["colour"]))
    features = table.drop(columns="target")
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(features, table["target"])
    joblib.dump(pipeline, tmp_path / "pipeline.joblib")
    joblib.dump(features, tmp_path / "sample.joblib")
    alpenglow("export", tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx")

    def body(*row: object) -> str:
        return json.dumps({"columns": list(features), "data": [[13.0, 1.0, "red"], row]})

    with gunicorn(tmp_path / "model.onnx", WORKERS="1") as server:
        assert len(server.predictions(body(13, 1, "brown"))) == 2
        gap = "as the model takes no missing value here, got null"
        refused(server.post(body(13.0, None, "red")), 422, f"row 1, column 'hue': expected a number, {gap}")
        refused(server.post(body(13.0, 1.0, None)), 422, f"row 1, column 'colour': expected a string, {gap}")
        unknown = 'row 1, column \'colour\': expected one of "brown", "red", got "pink"'
        refused(server.post(body(13.0, 1.0, "pink")), 422, unknown)


def test_another_content_type(server) -> None:
    detail = "declared as text/html; send Content-Type: application/json or text/csv"
    refused(server.post(b"a,b", **{"Content-Type": "text/html"}), 415, detail)


def test_a_compressed_body(server) -> None:
    answer = server.post(gzip.compress(b"{}"), **{"Content-Encoding": "zstd"})
    refused(answer, 415, "the body is compressed (zstd): send gzip or deflate, or send it as it is")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method(server, method) -> None:
    answer = requests.request(method, f"{server.url}/predict", timeout=30)
    refused(answer, 405, f"{method} is not possible at /predict")
    assert "POST" in answer.headers["Allow"]


def test_another_path(server) -> None:
    refused(
        server.get("/predictions"),
        404,
        "there is nothing at /predictions: /openapi.json lists all paths, and /predict takes rows",
    )


def test_a_body_over_the_limit_is_answered_even_while_it_is_sent(artifacts, seed_request) -> None:
    with gunicorn(artifacts / "model.onnx", WORKERS="1", MAX_BODY="100000") as server:
        refused(server.post(b" " * 100_001), 413, "at most 100000 bytes are taken")
        refused(server.post(b" " * 20_000_000), 413, "at most 100000 bytes are taken")
        refused(server.post(b" " * 10_000 for _ in range(2000)), 413, "at most 100000 bytes are taken")
        assert server.predictions(b" " * (100_000 - len(seed_request)) + seed_request) == [" <=50K"]


def test_more_rows_than_the_limit(artifacts, seed_request) -> None:
    with gunicorn(artifacts / "model.onnx", WORKERS="1", MAX_ROWS="3") as server:
        request = json.loads(seed_request)
        request["data"] *= 3
        assert len(server.predictions(json.dumps(request))) == 3
        request["data"] *= 2
        refused(server.post(json.dumps(request)), 413, "at most 3 rows are taken at once: send them in parts")


@pytest.mark.parametrize(
    "request_text",
    [
        "POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
    ],
)
def test_broken_http_is_a_400_and_the_server_goes_on(server, seed_request, request_text) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request_text.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert server.predictions(seed_request) == [" <=50K"]


def test_a_client_that_leaves_in_the_middle_breaks_nothing(server, seed_request) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(5):
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert server.predictions(seed_request) == [" <=50K"]
    assert "Traceback" not in server.log()
