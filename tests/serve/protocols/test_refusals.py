"""Each protocol's own form of an error, for what any path may refuse."""

import json

import pytest
import requests

from tests.servers import gunicorn
from tests.tables import diabetes

OURS = ("/predict",)
MLFLOW = ("/invocations",)
KSERVE = ("/v1/models/adult:predict", "/v2/models/adult/infer", "/v2/models/adult/versions/1/infer")
JSON = {"Content-Type": "application/json"}


def message(answer: requests.Response) -> str:
    """What an error says, in its protocol's form."""
    path = answer.request.path_url
    found = answer.json()
    if path.startswith(("/v1", "/v2")):
        assert list(found) == ["error"]
        return found["error"]
    if path.startswith("/invocations"):
        assert list(found) == ["error_code", "message"]
        return found["message"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert found["status"] == answer.status_code
    return found["detail"]


@pytest.mark.parametrize("path", OURS + MLFLOW + KSERVE)
@pytest.mark.parametrize(
    ("body", "headers", "status", "text"),
    [
        (b"", JSON, 400, "the body is empty: expected "),
        (b"{", JSON, 400, "the JSON ends before it is complete"),
        (b"5", JSON, 422, "got `int`: expected "),
        (b"{}", {"Content-Type": "text/html"}, 415, "the body is declared as text/html; send Content-Type: "),
        (b"ARROW1", {"Content-Type": "application/vnd.apache.arrow.stream"}, 415, "; send Content-Type: "),
        (b"PAR1", {"Content-Type": "application/vnd.apache.parquet"}, 415, "; send Content-Type: "),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "declared as utf-16; send UTF-8"),
        (b"{}", JSON | {"Content-Encoding": "br"}, 415, "the body is compressed (br): send gzip or deflate"),
        (b"{}", JSON | {"Content-Encoding": "gzip"}, 400, "the body is declared as gzip and is not: "),
    ],
)
def test_a_body_that_cannot_be_used(server, path, body, headers, status, text) -> None:
    answer = requests.post(server.url + path, data=body, headers=headers, timeout=30)
    assert answer.status_code == (400 if status == 422 and path not in OURS else status)
    assert text in message(answer)


@pytest.mark.parametrize("path", OURS + MLFLOW + KSERVE)
def test_another_method(server, path) -> None:
    answer = requests.put(server.url + path, timeout=30)
    assert answer.status_code == 405
    assert message(answer).startswith(f"PUT is not possible at {path}: allowed is ")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v2/nothing", "/v2/repository/index", "/invocations/x", "/nothing"])
def test_another_path(server, path) -> None:
    answer = server.get(path)
    assert answer.status_code == 404
    assert message(answer).startswith(f"there is nothing at {path}: /openapi.json lists all paths")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/v1/models/bdult:predict", "there is no model 'bdult' here, but 'adult'"),
        ("/v2/models/bdult/infer", "there is no model 'bdult' here, but 'adult'"),
        ("/v2/models/adult/versions/2/infer", "there is no version '2' of 'adult' here, but '1'"),
    ],
)
def test_another_model(server, path, text) -> None:
    answer = server.post(b"{}", path)
    assert answer.status_code == 404
    assert message(answer) == text


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "x", "1.5", "3", "\xb2"])
def test_a_length_of_the_json_that_is_none(server, length) -> None:
    headers = {"Inference-Header-Content-Length": length.encode("latin-1")}
    answer = requests.post(f"{server.url}/v2/models/adult/infer", data=b"{}", headers=headers, timeout=30)
    assert answer.status_code == 400
    assert "expected a number of at most 2 bytes" in message(answer)


def test_too_much_at_once(artifacts, sample) -> None:
    records = sample.head(3).to_dict("records")
    table = {"columns": list(sample), "data": sample.head(3).to_numpy().tolist()}
    bodies = {"/predict": table, "/invocations": {"dataframe_split": table}, KSERVE[0]: {"instances": records}}
    with gunicorn(artifacts / "model.onnx", WORKERS="1", MAX_ROWS="2", MAX_BODY="100000") as server:
        for path, body in bodies.items():
            answer = server.post(json.dumps(body), path)
            assert answer.status_code == 413
            assert message(answer) == "at most 2 rows are taken at once: send them in parts"
        for path in OURS + MLFLOW + KSERVE:
            answer = server.post(b" " * 100_001, path)
            assert answer.status_code == 413
            assert message(answer).startswith("at most 100000 bytes are taken")


def test_all_faults_are_in_the_one_text_that_other_protocols_have(server, sample) -> None:
    records = sample.head(30).assign(age="x").to_dict("records")
    for path, body in (("/invocations", {"instances": records}), (KSERVE[0], {"instances": records})):
        text = message(server.post(json.dumps(body), path))
        assert text.startswith("30 faults: row 0, column 'age': expected a number, got \"x\"; row 1, column 'age'")
        assert text.endswith("; and 10 more")


def test_probabilities_of_a_model_that_has_none(served) -> None:
    server = served(diabetes(), "target")
    body = diabetes().drop(columns="target").head(1).to_json(orient="split")
    answer = server.post(body, "/predict?probabilities=true")
    assert answer.status_code == 400
    assert message(answer) == "this model has no probabilities: leave out ?probabilities=true"
