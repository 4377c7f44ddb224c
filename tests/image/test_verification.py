"""The image's own ONNX Runtime, on this processor, is asked for what was proved: by the build, the start, a reload."""

import platform
from pathlib import Path

import pytest

from alpenglow._serve.model import load
from alpenglow._serve.verification import verify
from tests.commands import alpenglow
from tests.image.containers import Container, alpine, exists, serving, started
from tests.tampered import tampered

SAID = "/model/model.onnx answers otherwise here (ONNX Runtime "


@pytest.fixture(scope="module")
def wrong(forest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's model with other leaves, in a folder that can be mounted."""
    folder = tmp_path_factory.mktemp("wrong")
    folder.chmod(0o755)
    return tampered(forest, folder / "model.onnx")


def test_it_says_when_and_on_what_it_was_verified(server: Container, forest: Path) -> None:
    found = server.get("/model").json()
    verification = found["verification"]
    assert verification["result"] == "passed"
    assert verification["checked"] == verification["witnesses"] == verify(load(forest), forest).witnesses > 64
    assert verification["onnxruntime"] == found["serving"]["versions"]["onnxruntime"]
    assert verification["machine"] == platform.machine()


def test_it_does_not_start_with_a_model_that_answers_otherwise(wrong: Path) -> None:
    with started(f"--volume={wrong.parent}:/model:ro") as container:
        assert container.exit_code(60) == 1
        (line,) = container.log().splitlines()
        assert line.startswith(f"serve: {SAID}")
        assert ": expected probabilities[" in line


def test_it_does_where_that_is_turned_off(wrong: Path, seed_request: bytes) -> None:
    with serving(f"--volume={wrong.parent}:/model:ro", "--env=VERIFY=off") as container:
        assert container.get("/model").json()["verification"] == {"result": "off"}
        assert container.predictions(seed_request) == [" <=50K"]


def test_a_setting_that_is_neither_on_nor_off_is_refused() -> None:
    with started("--env=VERIFY=no") as container:
        assert container.exit_code(60) == 1
        assert container.log() == "serve: VERIFY is on or off, not 'no'\n"


def test_its_build_refuses_a_model_that_answers_otherwise(wrong: Path) -> None:
    done = alpenglow("image", wrong, "--name", "alpenglow-wrong", "--alpine", alpine(), check=False)
    assert done.returncode != 0
    lines = [line for line in (done.stdout + done.stderr).splitlines() if SAID in line]
    assert len(lines) == 1
    assert f"image: {SAID}" in lines[0]
    assert not exists("alpenglow-wrong")
