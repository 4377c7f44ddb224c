"""SIGHUP to Gunicorn alone: all or nothing, and each answer wholly from one model."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import onnx
import pandas as pd
import pytest
import requests

from tests.commands import alpenglow
from tests.serve.process.test_worker import workers
from tests.servers import Server, gunicorn
from tests.tampered import constants, replaced

ROWS = 2000


@pytest.fixture(scope="module")
def models(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Two for the same columns, with other predictions for many rows and other versions."""
    folder = tmp_path_factory.mktemp("linear")
    alpenglow("train", "--estimator", "logistic-regression", "--output", folder)
    alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx", "--model-version", "2")
    return [(artifacts / "model.onnx").read_bytes(), (folder / "model.onnx").read_bytes()]


@pytest.fixture
def replaceable(models: list[bytes], tmp_path: Path) -> Iterator[Server]:
    """A server whose model and token can be replaced."""
    put(tmp_path / "model.onnx", models[0])
    put(tmp_path / "token", b"secret\n")
    with gunicorn(tmp_path / "model.onnx", tmp_path, TOKEN_FILE=str(tmp_path / "token")) as server:
        settle(server)
        yield server


def put(path: Path, content: bytes) -> None:
    """In one step."""
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").rename(path)


def hup(server: Server, words: str) -> None:
    """Reload, and wait until the log has these words once more."""
    times = server.log().count(words)
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 30
    while server.log().count(words) <= times:
        assert time.monotonic() < end, server.log()
        time.sleep(0.05)


def asked(server: Server, rows: pd.DataFrame) -> tuple[str, str, tuple[str, ...]]:
    """Version, version, and predictions, each as an answer of its own kind says it."""
    inputs = [
        {"name": name, "shape": [len(rows), 1], "datatype": "FP64" if rows[name].dtype.kind == "f" else "BYTES"}
        | {"data": rows[name].tolist()}
        for name in rows
    ]
    answer = requests.post(
        f"{server.url}/v2/models/adult/infer",
        data=json.dumps({"inputs": inputs}),
        headers={"Content-Type": "application/json", "Authorization": "Bearer secret"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    labels = next(output for output in found["outputs"] if output["name"] == "label")
    return found["model_name"], found["model_version"], tuple(labels["data"])


def test_every_answer_is_wholly_of_the_old_or_wholly_of_the_new_model(
    replaceable: Server, models: list[bytes], sample: pd.DataFrame
) -> None:
    rows = sample.sample(ROWS, random_state=0)
    expected = []
    for model in models:
        put(replaceable.folder / "model.onnx", model)
        hup(replaceable, "Serving adult")
        settle(replaceable)
        expected.append(asked(replaceable, rows))
    assert expected[0][1] != expected[1][1]
    assert sum(one != other for one, other in zip(expected[0][2], expected[1][2], strict=True)) > 20
    answers: list[tuple[str, str, tuple[str, ...]]] = []
    failed: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.append(asked(replaceable, rows))
            except (AssertionError, requests.RequestException) as error:
                failed.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for turn in range(4):
        put(replaceable.folder / "model.onnx", models[turn % 2])
        hup(replaceable, "Serving adult")
        time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(answers) == set(expected)


def settle(server: Server) -> None:
    """Wait until the new workers have been forked, and the old ones have ended."""
    end = time.monotonic() + 30
    while len(workers(server)) != 2:
        assert time.monotonic() < end
        time.sleep(0.05)


def broken(models: list[bytes]) -> dict[str, bytes | None]:
    """Files that are no model, or one with other coefficients than were proved; None: a folder."""
    model = onnx.load_model_from_string(models[1])
    bare, unknown, outside, wrong = (onnx.ModelProto() for _ in range(4))
    for copy in (bare, unknown, outside, wrong):
        copy.CopyFrom(model)
    del bare.metadata_props[:]
    unknown.graph.node[0].op_type = "Nonsense"
    tensor = outside.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    replaced(max(constants(wrong), key=lambda tensor: len(tensor.raw_data)), lambda values: values * (1 + 1e-6))
    return {
        "empty": b"",
        "garbage": os.urandom(100_000),
        "cut off": models[1][:-1000],
        "without a signature": bare.SerializeToString(),
        "with an unknown operator": unknown.SerializeToString(),
        "with data elsewhere": outside.SerializeToString(),
        "that answers otherwise": wrong.SerializeToString(),
        "a folder": None,
    }


def test_a_broken_file_changes_nothing_and_is_named(replaceable: Server, models: list[bytes], seed_request) -> None:
    model, token = replaceable.folder / "model.onnx", replaceable.folder / "token"
    old = requests.get(replaceable.url + "/predict", timeout=30).text
    before = workers(replaceable)

    def as_before() -> None:
        assert workers(replaceable) == before
        assert requests.get(replaceable.url + "/predict", timeout=30).text == old
        headers = {"Content-Type": "application/json"}
        assert replaceable.post(seed_request, **headers, Authorization="Bearer secret").status_code == 200
        assert replaceable.post(seed_request, **headers, Authorization="Bearer new").status_code == 401

    put(token, b"new\n")
    for what, content in broken(models).items():
        if content is None:
            model.unlink()
            model.mkdir()
        else:
            put(model, content)
        hup(replaceable, "serve: nothing is reloaded: ")
        last = replaceable.log().splitlines()[-1]
        assert last.startswith("serve: nothing is reloaded: ")
        assert str(model) in last
        assert ("answers otherwise here (ONNX Runtime " in last) == (what == "that answers otherwise")
        as_before()
    model.rmdir()
    hup(replaceable, f"serve: nothing is reloaded: there is no model at {model}")
    as_before()

    put(model, models[1])
    for content in (b"", b"a\nb\n", "pässwort\n".encode()):
        put(token, content)
        hup(replaceable, "serve: nothing is reloaded: TOKEN_FILE is a file with")
        as_before()
    put(token, b"new\n")
    hup(replaceable, "Serving adult")
    settle(replaceable)
    assert requests.get(replaceable.url + "/predict", timeout=30).text != old
    headers = {"Content-Type": "application/json"}
    assert replaceable.post(seed_request, **headers, Authorization="Bearer secret").status_code == 401
    assert replaceable.post(seed_request, **headers, Authorization="Bearer new").status_code == 200
    assert "Traceback" not in replaceable.log()
    assert len(workers(replaceable)) == 2


def test_a_worker_that_dies_after_a_refused_reload_is_replaced_and_shares(replaceable: Server) -> None:
    put(replaceable.folder / "token", b"")
    hup(replaceable, "serve: nothing is reloaded: ")
    before = workers(replaceable)
    os.kill(before[0], signal.SIGKILL)
    end = time.monotonic() + 30
    while len(workers(replaceable)) < 2 or workers(replaceable) == before:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert replaceable.get("/health/live").status_code == 200


def test_many_in_a_row_are_few_reloads_and_a_stop_does_not_wait_for_them(replaceable: Server) -> None:
    for _ in range(20):
        replaceable.process.send_signal(signal.SIGHUP)
        time.sleep(0.02)
    hup(replaceable, "Serving adult")
    assert replaceable.log().count("Serving adult") < 10
