"""How servers are started: Alpenglow's two arrangements, and Gunicorn behind Apache as others have it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Command
from benchmarks.stack import deployed
from tests.commands import ROOT
from tests.servers import APACHE, MODULES, apache_environment

WORKERS = 2


@dataclass(frozen=True)
class Place:
    """Where a server runs: its port, a folder for this run, and the folder with the artifacts."""

    port: int
    folder: Path
    artifacts: Path


def alone(place: Place) -> list[Command]:
    """Gunicorn with the port: `alpenglow serve`."""
    variables = {
        "MODEL": str(place.artifacts / "model.onnx"),
        "WORKERS": str(WORKERS),
        "BIND": "127.0.0.1",
        "PORT": str(place.port),
    }
    return [Command([sys.executable, "-m", "alpenglow", "serve"], ROOT, variables)]


def behind_apache(place: Place) -> list[Command]:
    """Gunicorn on a socket, and Apache with the port."""
    variables = {**apache_environment(place.folder, str(place.port)), **deployed()}
    return fronted(ROOT, Path(sys.executable), place.artifacts / "model.onnx", place, variables)


def behind_apache_before(root: Path, python: Path, model: Path, place: Place) -> list[Command]:
    """The same at an earlier commit, whose files are in `root`: with the variables that its Apache wants."""
    variables = {
        **apache_variables(place),
        "TMPDIR": str(place.folder),
        "THREADS": "400",
        "METRICS_FROM": "127.0.0.1",
    }
    return fronted(root, python, model, place, variables)


def fronted(root: Path, python: Path, model: Path, place: Place, variables: Mapping[str, str]) -> list[Command]:
    """`root` has the folders `serve` and `apache`; an earlier commit may have no other name for the first."""
    socket = place.folder / "gunicorn.sock"
    settings = {"MODEL": str(model), "WORKERS": str(WORKERS), "BIND": f"unix:{socket}"}
    return [
        Command([python, "-m", "serve"], root, settings, socket),
        Command([APACHE, "-f", root / "apache" / "httpd.conf", "-DFOREGROUND"], root, variables),
    ]


def apache_variables(place: Place) -> dict[str, str]:
    """What any of the configurations needs: Apache's modules, the port, the socket, a folder for its own files."""
    return {
        "MODULES": MODULES,
        "PORT": str(place.port),
        "SOCKET": str(place.folder / "gunicorn.sock"),
        "RUN": str(place.folder),
    }
