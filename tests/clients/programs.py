"""Clients and servers of others, in the environments that `make test` makes for them."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.commands import ROOT
from tests.servers import Server

SCRIPTS = Path(__file__).parent

Ask = Callable[..., dict[str, Any]]


def programs_of(name: str) -> Path:
    """Those of the environment for a list of requirements."""
    environment = ROOT / f".venv-{name}"
    if not (environment / name).exists():
        pytest.skip(f"{environment.name} is not there, or not complete: make test makes it")
    return environment / "bin"


@contextmanager
def conversation(*command: Path | str) -> Iterator[Ask]:
    """A program that answers each line of JSON with one: to import such clients takes seconds."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(server: Server, **request: Any) -> dict[str, Any]:
            assert process.stdin
            assert process.stdout
            print(json.dumps({"server": server.url.removeprefix("http://"), **request}), file=process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        yield ask
