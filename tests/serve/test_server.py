"""The real Gunicorn, spoken to over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import onnx
import pandas as pd
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from alpenglow._serve.signature import MISSING
from tests.commands import ROOT, alpenglow
from tests.serve.late import SECONDS
from tests.servers import free_port, gunicorn, gunicorn_on_socket
from tests.tables import cancer, diabetes, wine


def split(table: pd.DataFrame) -> str:
    """As clients with pandas write it."""
    text: str = table.to_json(orient="split", double_precision=15)
    return text


def test_the_seed_s_request_gets_the_seed_s_answer(server, seed_request) -> None:
    answer = server.post(seed_request)
    assert (answer.status_code, answer.content) == (200, b'{"predictions":[" <=50K"]}')
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "Application/JSON; charset=utf-8"])
def test_the_content_types_that_have_always_been_taken(server, seed_request, content_type) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = requests.post(f"{server.url}/predict", data=seed_request, headers=headers, timeout=30)
    assert answer.json() == {"predictions": [" <=50K"]}


def test_columns_in_any_order_with_others_beside_them(server, sample) -> None:
    rows = sample.sample(50, random_state=0)
    expected = server.predictions(split(rows))
    assert len(set(expected)) == 2
    mixed = rows.assign(other=[{"a": [1]}] * 50)[["other", *reversed(list(rows))]]
    assert server.predictions(split(mixed)) == expected
    assert server.predictions(json.dumps({"data": rows.to_numpy().tolist(), "columns": list(rows)})) == expected


def test_a_body_in_chunks(server, seed_request) -> None:
    pieces = (seed_request[i : i + 7] for i in range(0, len(seed_request), 7))
    assert server.predictions(pieces) == [" <=50K"]


def test_every_row_of_adult_over_http(server, sample, artifacts) -> None:
    expected = joblib.load(artifacts / "pipeline.joblib").predict(sample).tolist()
    given = [
        label
        for start in range(0, len(sample), 10_000)
        for label in server.predictions(split(sample[start : start + 10_000]))
    ]
    assert len(given) == 48_842
    assert given == expected


def test_what_the_plain_paths_answer(server) -> None:
    for path, text, kind in [
        ("/", '{"status":"alive"}', "application/json"),
        ("/health/live", "OK", "text/plain"),
        ("/health/ready", "OK", "text/plain"),
    ]:
        answer = server.get(path)
        assert (answer.status_code, answer.text) == (200, text)
        assert answer.headers["Content-Type"].startswith(kind)
        assert requests.head(server.url + path, timeout=30).status_code == 200


def test_get_predict_says_what_to_post(server) -> None:
    answer = server.get("/predict")
    assert answer.headers["Content-Type"].startswith("text/plain")
    request = next(line for line in answer.text.splitlines() if line.startswith("{"))
    assert server.predictions(request) == [" <=50K"]
    assert "education-num: number" in answer.text


def test_the_printed_command_works_when_pasted(server) -> None:
    line = next(line for line in server.log().splitlines() if line.startswith("Try it:"))
    done = subprocess.run(["bash", "-c", line.partition(":")[2] + " -s"], capture_output=True, check=True)
    assert done.stdout == b'{"predictions":[" <=50K"]}'


def test_regressors_answer_numbers(served, tmp_path) -> None:
    server = served(diabetes(), "target")
    features = diabetes().drop(columns="target")
    expected = joblib.load(server.folder / "pipeline.joblib").predict(features).tolist()
    assert server.predictions(split(features)) == expected


def test_integer_labels_stay_integers_and_gaps_go_where_scikit_learn_takes_them(served) -> None:
    server = served(wine(), "target")
    features = wine().drop(columns="target")
    expected = joblib.load(server.folder / "pipeline.joblib").predict(features).tolist()
    given = server.predictions(split(features))
    assert given == expected
    assert {type(label) for label in given} == {int}


def test_boolean_labels_stay_booleans(served) -> None:
    server = served(cancer(), "target", "--estimator", "logistic-regression")
    features = cancer().drop(columns="target")
    given = server.predictions(split(features))
    assert set(given) == {True, False}
    assert given == joblib.load(server.folder / "pipeline.joblib").predict(features).tolist()


def tables(sample: pd.DataFrame) -> st.SearchStrategy[pd.DataFrame]:
    """Tables with Adult's columns: any numbers, any text, gaps, in any order, with any index."""
    numbers = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e38, 1e38)
    # U+FDD0 marks a missing string in the tensors and is refused.
    text = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[MISSING]), max_size=5)
    cells = [
        numbers if sample[name].dtype.kind == "f" else text | st.sampled_from(sorted(sample[name].unique()))
        for name in sample
    ]
    rows = st.lists(st.tuples(*cells), min_size=1, max_size=4)
    frames = rows.map(lambda found: pd.DataFrame(found, columns=list(sample)))
    return st.tuples(frames, st.permutations(list(sample)), st.booleans()).map(
        lambda drawn: drawn[0][drawn[1]].set_index(pd.Index(range(3, 3 + len(drawn[0])))) if drawn[2] else drawn[0]
    )


def test_any_table_that_pandas_writes_is_predicted_as_scikit_learn_predicts_it(server, sample, artifacts) -> None:
    pipeline = joblib.load(artifacts / "pipeline.joblib")
    numbers = sample.select_dtypes("number").columns

    @settings(max_examples=150)
    @given(tables(sample))
    def predicted_the_same(table: pd.DataFrame) -> None:
        text = table.to_json(orient="split")
        sent = pd.DataFrame(**json.loads(text))
        sent[numbers] = sent[numbers].astype("float64")
        assert server.predictions(text) == pipeline.predict(sent).tolist()

    predicted_the_same()


def test_workers_share_the_model_and_serve_at_once(server, seed_request) -> None:
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=True
    )
    assert len(children.stdout.split()) == 2


def test_an_idle_client_does_not_keep_others_waiting(server, seed_request) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(8)]
    try:
        assert server.predictions(seed_request) == [" <=50K"]
    finally:
        for connection in idle:
            connection.close()


def test_a_stop_waits_for_the_request_in_flight(artifacts, sample) -> None:
    body = split(sample)
    with gunicorn(artifacts / "model.onnx", WORKERS="1") as server, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.predictions, body)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert len(answer.result()) == 48_842


def test_a_stop_reaches_workers_that_are_not_ready_yet(artifacts, tmp_path) -> None:
    with gunicorn_on_socket(
        artifacts / "model.onnx", tmp_path / "late.sock", "tests.serve.late:application()"
    ) as process:
        time.sleep(SECONDS / 2)
        process.terminate()
        assert process.wait(SECONDS + 10) == 0  # one that has not heard is killed after 30


def test_gunicorn_by_hand(artifacts, seed_request) -> None:
    port = free_port()
    environment = {**os.environ, "MODEL": str(artifacts / "model.onnx"), "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "-c", "serve/gunicorn.conf.py", "--workers", "1"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        for _ in range(200):
            time.sleep(0.05)
            try:
                answer = requests.post(f"http://127.0.0.1:{port}/predict", data=seed_request, timeout=5)
                break
            except requests.ConnectionError:
                continue
        process.terminate()
    assert answer.json() == {"predictions": [" <=50K"]}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MODEL": "nowhere.onnx"}, "serve: there is no model at nowhere.onnx: make one with alpenglow export"),
        ({"MODEL": "LICENSE"}, "serve: LICENSE is no ONNX model that this ONNX Runtime loads"),
        ({"PORT": "http"}, "serve: PORT is a whole number from 1 to 65535, not 'http'"),
        ({"WORKERS": "0"}, "serve: WORKERS is a whole number from 1 to 64, not '0'"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(environment, message) -> None:
    done = alpenglow("serve", check=False, **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == 1


def test_a_model_without_a_signature_is_refused(artifacts, tmp_path) -> None:
    model = onnx.load(artifacts / "model.onnx")
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "bare.onnx")
    done = alpenglow("serve", check=False, MODEL=str(tmp_path / "bare.onnx"))
    assert "bare.onnx has no signature: make it with alpenglow export" in done.stderr
    model.metadata_props.add(key="signature", value='{"name": 5}')
    onnx.save(model, tmp_path / "odd.onnx")
    done = alpenglow("serve", check=False, MODEL=str(tmp_path / "odd.onnx"))
    assert "odd.onnx has a signature that this version does not read" in done.stderr


def test_a_model_that_does_not_predict_its_own_example_is_refused(artifacts, tmp_path) -> None:
    model = onnx.load(artifacts / "model.onnx")
    (signature,) = (entry for entry in model.metadata_props if entry.key == "signature")
    content = json.loads(signature.value)
    content["columns"][0]["example"] = "young"
    signature.value = json.dumps(content)
    onnx.save(model, tmp_path / "odd.onnx")
    done = alpenglow("serve", check=False, MODEL=str(tmp_path / "odd.onnx"))
    assert done.returncode == 1
    assert "odd.onnx does not predict its own example: {" in done.stderr
    assert "row 0, column 'age': expected a number, got \\\"young\\\"" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_predictions_of_numbers_are_written_in_full(served) -> None:
    server = served(diabetes(), "target", "--estimator", "linear-regression")
    features = diabetes().drop(columns="target")
    expected = joblib.load(server.folder / "pipeline.joblib").predict(features)
    np.testing.assert_allclose(server.predictions(split(features)), expected, rtol=1e-12)
