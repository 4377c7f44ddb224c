"""What the README shows of the project's commands; `make readme` puts it in, and a test fails when it is stale."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent


def console(command: str) -> None:
    """Show a command and what it prints, standard error included."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    show(command, done.stdout + done.stderr)


def requested(command: str) -> None:
    """Show a command that calls a server on port 5000, and the answer; in truth it runs on a free port."""
    with serving() as address:
        there = command.replace("http://localhost:5000", address)
        done = subprocess.run(["bash", "-c", f"{there} --silent"], cwd=ROOT, capture_output=True, text=True, check=True)
    show(command, done.stdout)


def show(command: str, output: str) -> None:
    """Print a block for Markdown."""
    print(f"```console\n$ {command}\n{output.strip(chr(10))}\n```")


@contextmanager
def serving() -> Iterator[str]:
    """The server with the model in artifacts; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PORT": str(port)}
    command = [sys.executable, "-m", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                if answers(address):
                    break
                time.sleep(0.05)
            yield address
        finally:
            server.terminate()


def answers(address: str) -> bool:
    """Whether somebody listens."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


def seed_request() -> None:
    """Show the seed's request as a command, and its answer."""
    body = re.sub(r"\s*\n\s*", "", (ROOT / "tests/seed_request.json").read_text(encoding="utf-8"))
    requested(f"curl http://localhost:5000/predict --data {shlex.quote(body)}")
