"""The image that `make image` has built; without Docker or without the image these tests are skipped, and say so."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import ROOT, alpenglow
from tests.image.containers import IMAGE, Container, exists, serving


def reason_to_skip() -> str | None:
    """Why nothing can be tested here."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "the Docker Engine does not answer: docker info"
    if not exists(IMAGE):
        return f"there is no image {IMAGE}: make image"
    return None


@pytest.fixture(scope="session", autouse=True)
def docker() -> None:
    """Skip where Docker cannot run."""
    reason = reason_to_skip()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def server(docker: None) -> Iterator[Container]:
    """One container, shared by tests that leave it as it was; in place of the bare Gunicorn of other tests."""
    with serving() as container:
        yield container


@pytest.fixture(scope="session")
def linear(docker: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A logistic regression on Adult, exported."""
    return exported("logistic-regression", tmp_path_factory.mktemp("linear"))


@pytest.fixture(scope="session")
def boosted(docker: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Histogram gradient boosting on Adult, exported."""
    return exported("hist-gradient-boosting", tmp_path_factory.mktemp("boosted"))


def exported(estimator: str, folder: Path) -> Path:
    """A model that the container's user can read."""
    alpenglow("train", "--estimator", estimator, "--output", folder)
    alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx")
    (folder / "model.onnx").chmod(0o644)
    return folder / "model.onnx"


@pytest.fixture(scope="session")
def forest() -> Path:
    """The model inside the image."""
    return ROOT / "artifacts" / "model.onnx"
