"""Clients and servers of others, in the environment that `make test` makes for them."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest

from tests.commands import ROOT, run
from tests.servers import PATIENCE, Server, free_port, running
from tests.tables import wine

SCRIPTS = Path(__file__).parent

Ask = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Both:
    """One fitted pipeline behind Alpenglow and behind MLflow, and rows to ask both about."""

    alpenglow: Server
    mlflow: Server
    pipeline: Any
    rows: pd.DataFrame


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with the programs of the clients' environment."""
    return programs_of("clients")


def programs_of(name: str) -> Path:
    """Those of the environment for a list of requirements."""
    environment = ROOT / f".venv-{name}"
    if not (environment / name).exists():
        pytest.skip(f"{environment.name} is not there, or not complete: make test makes it")
    return environment / "bin"


@pytest.fixture(scope="session")
def triton_client(programs: Path) -> Iterator[Ask]:
    """`triton_client(server, model, ...)`, as triton_client.py in this folder has it."""
    with conversation(programs / "python", SCRIPTS / "triton_client.py") as ask:
        yield ask


@pytest.fixture(scope="session", params=[("2", "mlflow2"), ("3", "clients")], ids=lambda param: f"MLflow {param[0]}")
def mlflow_client(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """`mlflow_client(server, send, columns)`, as mlflow_client.py in this folder has it."""
    major, environment = request.param
    with conversation(programs_of(environment) / "python", SCRIPTS / "mlflow_client.py", major) as ask:
        yield ask


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


@pytest.fixture(scope="session")
def both(
    programs: Path,
    server: Server,
    served: Callable[..., Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Both]]:
    """Two models: Adult's forest, and a regression in which any value that is read differently shows."""
    wines = wine()[["alcohol", "hue", "magnesium", "colour", "strong", "proline"]].dropna(subset=["proline"])
    ours = {"adult": server, "proline": served(wines, "proline")}
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        contexts = [mlflow(ours[name].folder, programs, tmp_path_factory.mktemp(name)) for name in ours]
        theirs = dict(zip(ours, pool.map(stack.enter_context, contexts), strict=True))
        pipelines = {name: joblib.load(ours[name].folder / "pipeline.joblib") for name in ours}
        samples = {name: joblib.load(ours[name].folder / "sample.joblib") for name in ours}
        yield {name: Both(ours[name], theirs[name], pipelines[name], samples[name]) for name in ours}


@contextmanager
def mlflow(artifacts: Path, programs: Path, folder: Path) -> Iterator[Server]:
    """Save the pipeline of a folder as an MLflow model, and run `mlflow models serve`."""
    model = folder / "model"
    run(
        programs / "python",
        SCRIPTS / "mlflow_save.py",
        artifacts / "pipeline.joblib",
        artifacts / "sample.joblib",
        model,
    )
    port = free_port()
    command = [programs / "mlflow", "models", "serve", "--env-manager", "local", "-m", model, "-p", port]
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    # As on a terminal, where Ctrl-C reaches uvicorn as well, which MLflow starts and would leave behind.
    with running(command, f"http://127.0.0.1:{port}", folder, terminal=True, **environment) as server:
        yield server
    wait_until_gone(server.process.pid)


def wait_until_gone(group: int) -> None:
    """Wait until no process of a group is left."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError(f"processes of the group {group} are still there")
