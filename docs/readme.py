"""What the README shows of the project's commands; `make readme` puts it in, and a test fails when it is stale."""

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from tests.commands import ROOT
from tests.servers import gunicorn


def console(command: str) -> None:
    """Show a command and what it prints, standard error included."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    show(command, done.stdout + done.stderr)


def requested(command: str) -> None:
    """Show a command that calls a server on port 5000, and the answer; in truth it runs on a free port."""
    with tempfile.TemporaryDirectory() as folder, gunicorn(ROOT / "artifacts/model.onnx", Path(folder)) as server:
        there = command.replace("http://localhost:5000", server.url)
        done = subprocess.run(["bash", "-c", f"{there} --silent"], cwd=ROOT, capture_output=True, text=True, check=True)
    show(command, done.stdout)


def show(command: str, output: str) -> None:
    """Print a block for Markdown."""
    print(f"```console\n$ {command}\n{output.strip(chr(10))}\n```")


def seed_request() -> None:
    """Show the seed's request as a command, and its answer."""
    body = re.sub(r"\s*\n\s*", "", (ROOT / "tests/seed_request.json").read_text(encoding="utf-8"))
    requested(f"curl http://localhost:5000/predict --data {shlex.quote(body)}")
