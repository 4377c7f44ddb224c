"""What serving needs, and what it must never load."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.commands import ROOT, python
from tests.servers import free_port, running

FORBIDDEN = (
    *("sklearn", "scipy", "pandas", "pyarrow", "skl2onnx", "onnx", "joblib"),
    *("alpenglow._train", "alpenglow._export", "alpenglow._score"),
)


def test_serving_loads_nothing_that_trains_or_converts(artifacts, seed_request) -> None:
    script = f"""
import os, sys
os.environ["MODEL"] = {str(artifacts / "model.onnx")!r}
import alpenglow._serve.asgi, alpenglow._serve.usage, alpenglow._serve.__main__
from falcon.testing import TestClient
answer = TestClient(alpenglow._serve.asgi.application()).simulate_post("/predict", body={seed_request!r})
assert answer.status_code == 200, answer.text
print(*sorted(sys.modules))
"""
    loaded = set(python("-c", script).stdout.split())
    assert loaded & {"falcon", "numpy", "onnxruntime", "msgspec"} == {"falcon", "numpy", "onnxruntime", "msgspec"}
    assert not loaded.intersection(FORBIDDEN)


def test_importing_starts_no_thread_that_a_fork_would_lose() -> None:
    script = """
import os, numpy
print(len(os.listdir("/proc/self/task")))
import alpenglow._serve.asgi
print(len(os.listdir("/proc/self/task")))
"""
    before, after = python("-c", script).stdout.split()
    assert before == after


@pytest.fixture(scope="session")
def lean_environment(tmp_path_factory):
    """A virtual environment with requirements/serve.txt alone."""
    folder = tmp_path_factory.mktemp("lean")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(ROOT / "requirements/serve.txt")]
    subprocess.run([folder / "bin/python", *install], check=True, capture_output=True, timeout=600)
    return folder


def test_the_locked_requirements_for_serving_are_enough(lean_environment, artifacts, seed_request, tmp_path) -> None:
    shutil.copy(artifacts / "model.onnx", tmp_path)
    port = str(free_port())
    environment = {"PATH": os.defpath, "MODEL": str(tmp_path / "model.onnx"), "PORT": port, "WORKERS": "1"}
    command = [lean_environment / "bin/python", "-m", "alpenglow", "serve"]
    with running(command, f"http://127.0.0.1:{port}", tmp_path, **environment) as server:
        assert server.post(seed_request).content == b'{"predictions":[" <=50K"]}'
