"""What platforms prescribe: ports, paths, TensorFlow Serving's protocol, browsers of other origins."""

import json
import sys
from typing import Any

import pytest
import requests

from tests.commands import alpenglow
from tests.servers import free_port, gunicorn, running


@pytest.fixture(scope="module")
def instances(seed_request) -> dict[str, Any]:
    return {"instances": json.loads(seed_request)["data"], "parameters": {"confidence": 0.5}}


VERTEX = "/v1/endpoints/123/deployedModels/456"


@pytest.mark.parametrize("predict", [f"{VERTEX}:predict", "/predict", "/v1/models/adult:predict", "/score"])
def test_vertex_ai_chooses_the_port_and_the_paths(artifacts, tmp_path, instances, predict) -> None:
    port = str(free_port())
    chosen = {"AIP_HTTP_PORT": port, "AIP_HEALTH_ROUTE": VERTEX, "AIP_PREDICT_ROUTE": predict}
    command = [sys.executable, "-m", "alpenglow", "serve", artifacts / "model.onnx"]
    with running(command, f"http://127.0.0.1:{port}", tmp_path, **chosen) as server:
        assert server.get(VERTEX).text == "OK"
        assert server.post(json.dumps(instances), predict).json() == {"predictions": [" <=50K"]}
        odd = [["old", *instances["instances"][0][1:]]]
        refused = server.post(json.dumps({"instances": odd}), predict)
        assert refused.status_code in (400, 422)
        assert "row 0, column 'age': expected a number" in refused.text


def test_any_platform_can(artifacts, tmp_path, seed_request) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path, HEALTH_ROUTE="/up", PREDICT_ROUTE="/score") as server:
        assert server.get("/up").text == "OK"
        split = b'{"dataframe_split":%b}' % seed_request
        assert server.post(split, "/score").json() == server.post(split, "/invocations").json()


def test_the_name_of_the_model_can_be_the_platform_s(artifacts, tmp_path, instances) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path, MODEL_NAME="income-2") as server:
        assert server.get("/v2/models/income-2/ready").json() == {"name": "income-2", "ready": True}
        assert server.post(json.dumps(instances), "/v1/models/income-2:predict").status_code == 200
        assert server.get("/v1/models/adult").status_code == 404


@pytest.mark.parametrize("path", ["/v1/models/adult", "/v1/models/adult/versions/1"])
def test_tensorflow_serving_s_paths(server, instances, path) -> None:
    version = server.get(path).json()["model_version_status"]
    assert version == [{"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}]
    assert server.post(json.dumps(instances), f"{path}:predict").json() == {"predictions": [" <=50K"]}
    described = server.get(f"{path}/metadata").json()
    assert described["model_spec"] == {"name": "adult", "signature_name": "", "version": "1"}
    signature = described["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert {name: each["dtype"] for name, each in signature["inputs"].items()}["age"] == "DT_DOUBLE"
    assert signature["outputs"]["label"]["dtype"] == "DT_STRING"


def test_tensorflow_serving_s_columns_get_outputs(server, sample, artifacts) -> None:
    rows = sample.iloc[:50]
    answer = server.post(json.dumps({"inputs": rows.to_dict("list")}), "/v1/models/adult:predict").json()
    records = {"instances": rows.to_dict("records")}
    assert answer == {"outputs": server.post(json.dumps(records), "/v1/models/adult:predict").json()["predictions"]}


@pytest.mark.parametrize("body", ["{}", '{"instances": [], "inputs": {}}'])
def test_one_of_rows_and_columns_is_wanted(server, body) -> None:
    answer = server.post(body, "/v1/models/adult:predict")
    assert answer.status_code == 400
    assert 'expected {"instances": [...]}, each an array or an object, or {"inputs"' in answer.json()["error"]


def test_another_version_is_not_there(server, instances) -> None:
    answer = server.post(json.dumps(instances), "/v1/models/adult/versions/2:predict")
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no version '2' of 'adult' here, but '1'"})


ORIGIN = "https://shop.example"


@pytest.mark.parametrize(("allowed", "granted"), [(ORIGIN, ORIGIN), (f"http://a:8080 {ORIGIN}", ORIGIN), ("*", "*")])
def test_a_page_of_an_origin_that_is_named_may_ask(artifacts, tmp_path, seed_request, allowed, granted) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path, CORS_ORIGINS=allowed) as server:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        before = requests.options(server.url + "/predict", headers=asked, timeout=30)
        assert before.headers["Access-Control-Allow-Origin"] == granted
        assert "POST" in before.headers["Access-Control-Allow-Methods"]
        for body in (seed_request, b"{"):  # a page must be able to read what is wrong, too
            assert server.post(body, Origin=ORIGIN).headers["Access-Control-Allow-Origin"] == granted
        other = server.post(seed_request, Origin="https://other.example")
        assert other.headers.get("Access-Control-Allow-Origin") == ("*" if allowed == "*" else None)


def test_without_a_setting_no_other_origin_may(server, seed_request) -> None:
    assert not [name for name in server.post(seed_request, Origin=ORIGIN).headers if name.startswith("Access")]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PREDICT_ROUTE", "score"),
        ("PREDICT_ROUTE", "/score/{name}"),
        ("HEALTH_ROUTE", "/a b"),
        ("MODEL_NAME", "a/b"),
        ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/"),
        ("CORS_ORIGINS", "* https://shop.example"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said(artifacts, variable, value) -> None:
    done = alpenglow("serve", artifacts / "model.onnx", check=False, **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"serve: {variable} is ")
