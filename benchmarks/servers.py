"""The servers that `make bench` compares: how each is started, asked and called.

All have two processes that predict, one thread of ONNX Runtime in each, no log of requests, and keep connections open.
They run in a folder that has `model.onnx`, `pipeline.joblib` and `sample.joblib`.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import arrangements, forms
from benchmarks.arrangements import WORKERS, Place
from benchmarks.forms import Form
from benchmarks.processes import Command
from docs.figures import OURS, PEER
from tests.commands import ROOT
from tests.servers import APACHE, free_port

PEERS, IMAGES = ROOT / "benchmarks" / "peers", ROOT / "benchmarks" / "images"
FRAMEWORKS, CLIENTS = ".venv-peers-frameworks/installed", ".venv-clients/clients"


@dataclass(frozen=True)
class Server:
    """What make installs for it (the target), the packages whose versions matter, and what is done once before.

    `beside`: whether one row is measured while large requests are in hand, too.
    """

    name: str
    label: str
    commands: Callable[[Place], list[Command]]
    form: Form = forms.SPLIT
    role: str = PEER
    target: str | None = None
    packages: tuple[str, ...] = ()
    prepare: Callable[[Path], None] | None = None
    beside: bool = False

    @property
    def environment(self) -> Path:
        """The folder that make installs into; that of the project if nothing else is said."""
        return (ROOT / (self.target or ".venv/dev")).parent


def program(target: str, name: str) -> Path:
    """A command of an environment."""
    return (ROOT / target).parent / "bin" / name


def uvicorn(folder: Path, *application: str) -> Callable[[Place], list[Command]]:
    """Uvicorn with an application of a folder."""

    def commands(place: Place) -> list[Command]:
        options = ["--port", place.port, "--workers", WORKERS, "--no-access-log", "--log-level", "warning"]
        words = [program(FRAMEWORKS, "uvicorn"), "--app-dir", folder, *options, *application]
        return [Command(words, place.artifacts)]

    return commands


def granian(interface: str, application: str) -> Callable[[Place], list[Command]]:
    """Granian with one of the peers."""

    def commands(place: Place) -> list[Command]:
        options = ["--interface", interface, "--port", place.port, "--workers", WORKERS, "--no-access-log"]
        words = [program(FRAMEWORKS, "granian"), *options, application]
        return [Command(words, place.artifacts, {"PYTHONPATH": str(PEERS)})]

    return commands


def flask(place: Place) -> list[Command]:
    """The usual stack: Apache, Gunicorn with synchronous workers, Flask, pandas, the pickled pipeline."""
    socket = place.folder / "gunicorn.sock"
    options = ["--bind", f"unix:{socket}", "--workers", WORKERS, "--pythonpath", IMAGES / "seed", "app:create_app()"]
    return [
        Command([program(FRAMEWORKS, "gunicorn"), *options], place.artifacts, socket=socket),
        Command(
            [APACHE, "-f", PEERS / "flask.conf", "-DFOREGROUND"], place.folder, arrangements.apache_variables(place)
        ),
    ]


def fastify(place: Place) -> list[Command]:
    """Node."""
    modules = ROOT / ".venv-peers-fastify" / "node_modules"
    variables = {"NODE_PATH": str(modules), "PORT": str(place.port)}
    return [Command([shutil.which("node") or "node", PEERS / "fastify" / "app.cjs"], place.artifacts, variables)]


def save_for_mlflow(artifacts: Path) -> None:
    """Make the folder `model`.

    Raises:
        RuntimeError: MLflow cannot save the pipeline.
    """
    command = [program(CLIENTS, "python"), IMAGES / "mlflow" / "save.py"]
    done = subprocess.run(command, cwd=artifacts, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"MLflow does not save the pipeline: {done.stderr.strip().splitlines()[-1]}")


def mlflow(place: Place) -> list[Command]:
    """MLflow starts Uvicorn."""
    options = ["--model-uri", "model", "--env-manager", "local", "--host", "127.0.0.1", "--port", place.port]
    words = [program(CLIENTS, "mlflow"), "models", "serve", *options, "--workers", WORKERS]
    path = f"{program(CLIENTS, 'mlflow').parent}:/usr/bin:/bin"
    variables = {"PATH": path, "UVICORN_ACCESS_LOG": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return [Command(words, place.artifacts, variables)]


def mlserver(place: Place) -> list[Command]:
    """MLServer's runtime for scikit-learn, with the pipeline beside its settings."""
    for file in (PEERS / "mlserver").iterdir():
        shutil.copy(file, place.folder)
    shutil.copy(place.artifacts / "pipeline.joblib", place.folder)
    ports = {"HTTP": place.port, "GRPC": free_port(), "METRICS": free_port()}
    variables = {f"MLSERVER_{protocol}_PORT": str(port) for protocol, port in ports.items()}
    return [Command([program(".venv-peers-mlserver/installed", "mlserver"), "start", "."], place.folder, variables)]


def bentoml(place: Place) -> list[Command]:
    """BentoML keeps what it writes in a folder of its own."""
    words = [program(".venv-peers-bentoml/installed", "bentoml"), "serve", "bentoml_app:Predictor"]
    variables = {"PYTHONPATH": str(PEERS), "BENTOML_HOME": str(place.folder), "BENTOML_DO_NOT_TRACK": "True"}
    options = ["--host", "127.0.0.1", "--port", place.port]
    return [Command([*words, *options], place.artifacts, variables)]


def litserve(place: Place) -> list[Command]:
    """LitServe is a program of one's own."""
    words = [program(".venv-peers-litserve/installed", "python"), PEERS / "litserve_app.py", place.port]
    return [Command(words, place.artifacts)]


SERVED = ("falcon", "gunicorn", "onnxruntime")
APACHED = Server(
    "apache", "Alpenglow behind Apache", arrangements.behind_apache, role=OURS, packages=SERVED, beside=True
)
ALONE = Server("gunicorn", "Alpenglow, no Apache", arrangements.alone, role=OURS, packages=SERVED, beside=True)
ALTERNATIVES = (
    Server(
        "fastapi",
        "FastAPI, typed rows",
        uvicorn(PEERS, "fastapi_typed:app"),
        form=forms.RECORDS,
        beside=True,
        target=FRAMEWORKS,
        packages=("fastapi", "pydantic", "uvicorn", "onnxruntime"),
    ),
    Server(
        "fastapi-split",
        "FastAPI, split body",
        uvicorn(IMAGES / "fastapi_onnxruntime", "--factory", "app:create_app"),
        target=FRAMEWORKS,
        packages=("fastapi", "pydantic", "uvicorn", "onnxruntime"),
    ),
    Server(
        "litestar",
        "Litestar on Granian",
        granian("asgi", "litestar_app:app"),
        target=FRAMEWORKS,
        packages=("litestar", "granian", "msgspec", "onnxruntime"),
    ),
    Server(
        "rsgi",
        "bare RSGI on Granian",
        granian("rsgi", "rsgi_app:app"),
        target=FRAMEWORKS,
        packages=("granian", "msgspec", "onnxruntime"),
    ),
    Server("fastify", "Fastify on Node", fastify, target=".venv-peers-fastify/installed"),
    Server(
        "flask",
        "Flask, Gunicorn, Apache",
        flask,
        target=FRAMEWORKS,
        packages=("flask", "gunicorn", "pandas", "scikit-learn"),
    ),
    Server(
        "mlflow",
        "MLflow models serve",
        mlflow,
        form=forms.MLFLOW,
        target=CLIENTS,
        packages=("mlflow", "uvicorn", "pandas", "scikit-learn"),
        prepare=save_for_mlflow,
    ),
    Server(
        "mlserver",
        "MLServer",
        mlserver,
        form=forms.OPEN_INFERENCE,
        target=".venv-peers-mlserver/installed",
        packages=("mlserver", "mlserver-sklearn", "pandas", "scikit-learn"),
    ),
    Server("bentoml", "BentoML", bentoml, target=".venv-peers-bentoml/installed", packages=("bentoml", "onnxruntime")),
    Server(
        "litserve", "LitServe", litserve, target=".venv-peers-litserve/installed", packages=("litserve", "onnxruntime")
    ),
)
QUICK = ("fastapi", "rsgi")
