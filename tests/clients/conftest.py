"""MLflow's own server beside ours."""

import os
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

from tests.clients.programs import SCRIPTS
from tests.commands import run
from tests.servers import PATIENCE, Server, free_port, running
from tests.tables import wine


@dataclass(frozen=True)
class Both:
    """One fitted pipeline behind Alpenglow and behind MLflow, and rows to ask both about."""

    alpenglow: Server
    mlflow: Server
    pipeline: Any
    rows: pd.DataFrame


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
