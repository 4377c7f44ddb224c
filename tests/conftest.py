"""What most tests stand on: the Adult model made by the project's own commands, and real servers."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from tests.clients.programs import SCRIPTS, Ask, conversation, programs_of
from tests.commands import ROOT, alpenglow, run
from tests.servers import Server, gunicorn

# A slow machine is no fault of the code. What chance finds is one, but not of the change that is about to land.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `alpenglow train` and `alpenglow export` fill by default."""
    folder = tmp_path_factory.mktemp("adult") / "artifacts"
    alpenglow("train", "--output", folder)
    alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx")
    return folder


@pytest.fixture(scope="session")
def sample(artifacts: Path) -> pd.DataFrame:
    """All 48,842 rows of Adult, without the target."""
    rows: pd.DataFrame = joblib.load(artifacts / "sample.joblib")
    return rows


@pytest.fixture(scope="session")
def server(artifacts: Path) -> Iterator[Server]:
    """Gunicorn with the Adult forest, shared by tests that leave it as it was."""
    with gunicorn(artifacts / "model.onnx") as running:
        yield running


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Train, export and serve a table: `served(table, target, *arguments of train)`; one server for each table."""
    running: dict[tuple[str, ...], tuple[object, Server]] = {}

    def serve(table: pd.DataFrame, target: str, *arguments: str) -> Server:
        key = (table.to_json(), target, *arguments)
        if key not in running:
            folder = tmp_path_factory.mktemp("table")
            table.to_csv(folder / "table.csv", index=False)
            alpenglow("train", "--csv", folder / "table.csv", "--target", target, "--output", folder, *arguments)
            alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx")
            context = gunicorn(folder / "model.onnx")
            running[key] = (context, context.__enter__())
        return running[key][1]

    yield serve
    for context, _ in running.values():
        context.__exit__(None, None, None)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is under version control, with this virtual environment and no artifacts."""
    folder = tmp_path / "alpenglow"
    files = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate").stdout.splitlines()
    for name in filter(lambda name: (ROOT / name).exists(), files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@pytest.fixture(scope="session")
def seed_request() -> bytes:
    """The request in the text of the project that this one replaces."""
    return (ROOT / "tests" / "seed_request.json").read_bytes()


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with the programs of the clients' environment."""
    return programs_of("clients")


@pytest.fixture(scope="session")
def sagemaker_client() -> Iterator[Ask]:
    """`sagemaker_client(server, write=..., read=..., rows=...)`, as tests/clients/sagemaker_client.py has it."""
    with conversation(programs_of("platforms") / "python", SCRIPTS / "sagemaker_client.py") as ask:
        yield ask


@pytest.fixture(scope="session")
def kserve_client() -> Iterator[Ask]:
    """`kserve_client(server, protocol=..., model=..., ...)`, as tests/clients/kserve_client.py has it."""
    with conversation(programs_of("platforms") / "python", SCRIPTS / "kserve_client.py") as ask:
        yield ask


@pytest.fixture(scope="session")
def triton_client(programs: Path) -> Iterator[Ask]:
    """`triton_client(server, model, ...)`, as tests/clients/triton_client.py has it."""
    with conversation(programs / "python", SCRIPTS / "triton_client.py") as ask:
        yield ask


@pytest.fixture(scope="session", params=[("2", "mlflow2"), ("3", "clients")], ids=lambda param: f"MLflow {param[0]}")
def mlflow_client(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """`mlflow_client(server, send, columns)`, as tests/clients/mlflow_client.py has it."""
    major, environment = request.param
    with conversation(programs_of(environment) / "python", SCRIPTS / "mlflow_client.py", major) as ask:
        yield ask
