"""Started as platforms start a container: with their words, their ports, and the model where they put it."""

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.commands import run
from tests.image.containers import IMAGE, serving, started


@pytest.fixture(scope="module")
def other(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of another version, which anybody can read."""
    model = onnx.load(artifacts / "model.onnx")
    for entry in model.metadata_props:
        if entry.key == "signature":
            entry.value = json.dumps(json.loads(entry.value) | {"version": "7"})
    folder = tmp_path_factory.mktemp("other")
    onnx.save(model, folder / "model.onnx")
    folder.chmod(0o755)
    (folder / "model.onnx").chmod(0o644)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with something else in it."""
    (tmp_path / "readme.txt").write_text("no model")
    for path in (tmp_path, tmp_path / "readme.txt"):
        path.chmod(0o755)
    return tmp_path


def version(container: Any) -> str:
    """Of the model that is served."""
    found: str = container.get("/model").json()["signature"]["version"]
    return found


def test_sagemaker_says_serve(other: Path, seed_request: bytes) -> None:
    with serving(f"--volume={other}:/opt/ml/model:ro", arguments=["serve"], inside=8080) as container:
        assert container.get("/ping").status_code == 200
        assert version(container) == "7"
        row = ",".join(map(str, json.loads(seed_request)["data"][0]))
        answer = container.post(row, "/invocations", **{"Content-Type": "text/csv", "Accept": "text/csv"})
        assert (answer.status_code, answer.text) == (200, " <=50K\n")
        container.wait_until_healthy()
        container.signal("TERM")
        assert container.exit_code(30) == 0


def test_kserve_mounts_a_model_and_gives_it_a_name(other: Path, seed_request: bytes) -> None:
    arguments = ["--model_name=income", "--model_dir", "/mnt/models", "--http_port=8080"]
    with serving(f"--volume={other}:/mnt/models:ro", arguments=arguments, inside=8080) as container:
        assert container.get("/v1/models/income").json()["ready"]
        assert version(container) == "7"


@pytest.mark.parametrize("uri", ["/gcs/bucket/models/7/", "gs://bucket/models/7", "gs://bucket/models/7/"])
def test_vertex_ai_mounts_a_bucket(other: Path, uri: str) -> None:
    chosen = ("--env=AIP_HTTP_PORT=8080", f"--env=AIP_STORAGE_URI={uri}")
    with serving(f"--volume={other}:/gcs/bucket/models/7:ro", *chosen, inside=8080) as container:
        assert version(container) == "7"


@pytest.mark.parametrize("folder", ["/opt/ml/model", "/mnt/models"])
def test_what_is_mounted_is_served_or_nothing_is(empty: Path, folder: str) -> None:
    with started(f"--volume={empty}:{folder}:ro") as container:
        assert container.exit_code(30) == 1
        assert f"there is no model at {folder}/model.onnx" in container.log()


@pytest.mark.parametrize("uri", ["gs://bucket/model", "/somewhere"])
def test_a_bucket_that_is_not_mounted(uri: str) -> None:
    with started(f"--env=AIP_STORAGE_URI={uri}") as container:
        assert container.exit_code(30) == 1
        assert container.log().startswith(f"start: AIP_STORAGE_URI is {uri}, and there is no such folder here")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "now"], "start: serve takes no arguments"),
        (["--workers=4"], "start: there is no option --workers"),
        (["--model_name"], "start: --model_name wants a value"),
    ],
)
def test_words_that_nobody_says(arguments: list[str], said: str) -> None:
    with started(arguments=arguments) as container:
        assert container.exit_code(30) == 1
        assert container.log().startswith(said)


def test_another_command_runs_in_its_place() -> None:
    assert run("docker", "run", "--rm", IMAGE, "python3", "-c", "print(6 * 7)").stdout == "42\n"


def test_the_port_that_a_platform_sets(seed_request: bytes) -> None:
    with serving("--env=PORT=8081", inside=8081) as container:
        assert container.predictions(seed_request) == [" <=50K"]
        container.wait_until_healthy()


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(("given", "logged"), [(TRACE, TRACE), ('"},{"', "-"), (TRACE.upper(), "-")])
def test_the_trace_of_a_request_is_in_the_log(server: Any, seed_request: bytes, given: str, logged: str) -> None:
    name = f"trace-{abs(hash(given))}"
    server.post(seed_request, Traceparent=given, **{"X-Request-ID": name})
    (line,) = [json.loads(line) for line in server.log().splitlines() if name in line]
    assert line["trace"] == logged
