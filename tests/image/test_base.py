"""An image without a model, and images that add one in one line: they share all else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import alpenglow, run
from tests.image.containers import IMAGE, alpine, layers, serving, started, with_model

BASE, ADDED = "alpenglow-test-base", "alpenglow-test-added"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """As README.md makes it, with the Alpine of the image that is tested."""
    alpenglow("image", "--base", "--name", BASE, "--alpine", alpine())
    yield BASE
    run("docker", "image", "rm", "--force", BASE)


@pytest.fixture(scope="module")
def added(base: str, artifacts: Path) -> Iterator[str]:
    """Adult's forest on top of it."""
    with with_model(artifacts / "model.onnx", ADDED, base) as image:
        yield image


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
