"""An image without a model, and images that add one in one line: they share all else."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import alpenglow, run
from tests.image.containers import IMAGE, serving, started

BASE, ADDED = "alpenglow-test-base", "alpenglow-test-added"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """As README.md makes it, with the Alpine of the image that is tested."""
    labels = json.loads(run("docker", "image", "inspect", "--format={{json .Config.Labels}}", IMAGE).stdout)
    alpine = labels["org.opencontainers.image.base.name"].removeprefix("alpine:")
    alpenglow("image", "--base", "--name", BASE, "--alpine", alpine)
    yield BASE
    run("docker", "image", "rm", "--force", BASE)


@pytest.fixture(scope="module")
def added(base: str, artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Adult's forest on top of it."""
    folder = tmp_path_factory.mktemp("added")
    (folder / "Dockerfile").write_text(f"FROM {base}\nCOPY model.onnx /model/\n")
    shutil.copy(artifacts / "model.onnx", folder)
    (folder / "model.onnx").chmod(0o644)
    run("docker", "build", "--tag", ADDED, folder)
    yield ADDED
    run("docker", "image", "rm", "--force", ADDED)


def layers(image: str) -> list[str]:
    found: list[str] = json.loads(run("docker", "image", "inspect", "--format={{json .RootFS.Layers}}", image).stdout)
    return found


def size(image: str) -> int:
    return int(run("docker", "image", "inspect", "--format={{.Size}}", image).stdout)


def test_one_line_adds_a_model(added: str, seed_request: bytes) -> None:
    with serving(image=added) as container:
        assert container.predictions(seed_request) == [" <=50K"]


def test_a_new_model_is_one_layer_of_its_own_size(base: str, added: str, artifacts: Path) -> None:
    *shared, _ = layers(added)
    assert shared == layers(base) == layers(IMAGE)[:-1]
    assert size(added) - size(base) == (artifacts / "model.onnx").stat().st_size


def test_alone_it_says_what_it_lacks(base: str) -> None:
    with started(image=base) as container:
        assert container.exit_code(30) == 1
        assert "there is no model at /model/model.onnx" in container.log()
