"""Alpenglow at an earlier commit: its files, the packages that it serves with, and the model as it exported it."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import arrangements
from benchmarks.arrangements import Place
from benchmarks.processes import Command
from benchmarks.servers import Server
from docs.figures import BEFORE
from tests.commands import ROOT


def server(commit: str) -> Server:
    """Behind Apache, from a folder `before` beside the artifacts."""

    def commands(place: Place) -> list[Command]:
        root = place.artifacts / "before"
        return arrangements.behind_apache_before(root, root / ".venv/bin/python", root / "artifacts/model.onnx", place)

    label = f"Alpenglow at {commit}"
    return Server("before", label, commands, role=BEFORE, prepare=lambda artifacts: prepare(commit, artifacts))


def prepare(commit: str, artifacts: Path) -> None:
    """Take the commit's files out of the repository, install, and export the pipeline as it did.

    Raises:
        RuntimeError: The commit is not there, or one of these fails.
    """
    root = artifacts / "before"
    root.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        raise RuntimeError(f"the repository has no commit {commit}")
    subprocess.run(["tar", "-x"], cwd=root, input=archive.stdout, check=True)
    (root / "artifacts").mkdir()
    for name in ("pipeline.joblib", "sample.joblib"):
        (root / "artifacts" / name).symlink_to(artifacts / name)
    run(root, sys.executable, "-m", "export")
    run(root, sys.executable, "-m", "venv", ".venv")
    pip = root / ".venv/bin/pip"
    run(root, pip, "install", "--quiet", "--require-hashes", "--no-deps", "-r", "requirements/serve.txt")


def run(folder: Path, *words: object) -> None:
    """Run a command of the commit.

    Raises:
        RuntimeError: It fails; with the last line of what it printed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or [f"it exited {done.returncode}"]
        raise RuntimeError(f"{' '.join(command[1:3])} failed: {lines[-1][:200]}")
