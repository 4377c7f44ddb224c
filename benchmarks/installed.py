"""See that a server can be started: have make install what it needs, and do what is to be done once."""

import subprocess
from pathlib import Path

from benchmarks.servers import Server
from tests.commands import ROOT


def ready(server: Server, artifacts: Path) -> None:
    """Once before the rounds.

    Raises:
        RuntimeError: It cannot be started; the message says why in a few words.
    """
    if server.target:
        make(server.target)
    if server.prepare:
        server.prepare(artifacts)


def make(target: str) -> None:
    """Make an environment, unless it is there and its list has not changed.

    Raises:
        RuntimeError: That fails.
    """
    command = ["make", "--no-print-directory", target]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{target} cannot be made: {reason(done.stdout + done.stderr)}")


NOT_SAID = ("make", "warning", "npm warn", "installing")


def reason(printed: str) -> str:
    """The last line that says something: not make's own, nor a warning."""
    lines = [line.strip() for line in printed.splitlines()]
    said = [line for line in lines if line and not line.lower().startswith(NOT_SAID)]
    return (said or lines or ["it does not say why"])[-1][:200]
