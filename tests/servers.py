"""Start the real servers on free ports of the loopback interface, and stop them again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests

from tests.commands import ROOT


def compiled() -> Path | None:
    """Apache's module; None where its headers or a compiler are missing."""
    headers = [Path("/usr/include/apache2"), Path("/usr/include/apr-1.0")]
    if not (shutil.which("cc") and all(path.exists() for path in headers)):
        return None
    subprocess.run(["make", "--silent", "module"], cwd=ROOT, check=True)
    return ROOT / ".venv" / "mod_whole.so"


SEARCHED = "/usr/sbin:/usr/bin"  # for programs that an ordinary user's PATH does not have
APACHE = shutil.which("apache2", path=SEARCHED)
HAPROXY = shutil.which("haproxy", path=SEARCHED)
MODULES = "/usr/lib/apache2/modules"  # Debian's
WHOLE = compiled()  # apache/mod_whole.c
PATIENCE = 120.0  # seconds until a server must have started (and trained before, if need be) or stopped


class Client:
    """Requests to a server at a URL."""

    url: str

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE, **options)

    def post(self, body: bytes | str, path: str = "/predict", **headers: str) -> requests.Response:
        return requests.post(
            self.url + path, data=body, headers=headers or {"Content-Type": "application/json"}, timeout=PATIENCE
        )

    def predictions(self, body: bytes | str) -> list[Any]:
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["predictions"]
        return found


@dataclass(frozen=True)
class Server(Client):
    """A running server; `folder` is the one its model lies in."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path
    folder: Path

    def log(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[object], url: str, folder: Path, terminal: bool = False, **environment: str
) -> Iterator[Server]:
    """Start a server, wait until `url` answers, and stop it at the end: it must exit with 0.

    On a terminal, it is Ctrl-C that stops it, and all of its processes get the signal.
    """
    output = folder / f"{Path(str(command[0])).name}-{free_port()}.log"
    with output.open("wb") as log:
        process = start(command, log, terminal, **environment)
        try:
            wait_for(url, process, output)
            yield Server(url, process, output, folder)
        finally:
            if terminal:
                os.killpg(process.pid, signal.SIGINT)
            else:
                process.terminate()
            code = process.wait(PATIENCE)
    # make counts a Ctrl-C as an error of its own.
    assert code == 0 or terminal, output.read_text()


def start(
    command: Sequence[object], log: IO[bytes], terminal: bool = False, **environment: str
) -> subprocess.Popen[bytes]:
    """Start a process in the project's folder."""
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=terminal,
    )


def wait_for(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    """Wait until something answers at the URL."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers at {url}:\n{output.read_text()}")


@contextmanager
def gunicorn(model: Path, folder: Path | None = None, **environment: str) -> Iterator[Server]:
    """`alpenglow serve` with a model; its output goes to a folder, or beside the model."""
    port = str(free_port())
    command = [sys.executable, "-m", "alpenglow", "serve"]
    settings = {"MODEL": str(model), "PORT": port, "WORKERS": "2", **environment}
    with running(command, f"http://127.0.0.1:{port}", folder or model.parent, terminal=False, **settings) as server:
        yield server


@contextmanager
def gunicorn_on_socket(
    model: Path, path: Path, *application: str, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Gunicorn on a Unix socket, as it runs behind Apache; `application` overrules what is served."""
    command = [sys.executable, "-m", "gunicorn", "-c", "serve/gunicorn.conf.py", *application]
    settings = {"MODEL": str(model), "BIND": f"unix:{path}", "WORKERS": "2", **environment}
    output = path.with_suffix(".log")
    with output.open("wb") as log:
        process = start(command, log, terminal=False, **settings)
    try:
        end = time.monotonic() + PATIENCE
        while b"Serving" not in output.read_bytes():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < end, output.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def apache_environment(folder: Path, port: str) -> dict[str, str]:
    """What apache/httpd.conf takes, with the socket `gunicorn.sock` in a folder and large bodies there in passing."""
    return {
        "MODULES": MODULES,
        "PORT": port,
        "SOCKET": str(folder / "gunicorn.sock"),
        "RUN": str(folder),
        "TMPDIR": str(folder),
        "THREADS": "16",
        "PER_THREAD": "64",
        "KEPT": "32",
        "MAX_BODY": "1000000",
        "PASSING": "4000000",
        "WHOLE": str(WHOLE),
        "METRICS_FROM": "127.0.0.1",
    }


@contextmanager
def apache(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Apache on a free port, for the socket `gunicorn.sock` in a folder; options are those of its command."""
    folder.chmod(0o777)  # its child, nobody, must get to the socket and write
    port = str(free_port())
    settings = {**apache_environment(folder, port), **environment}
    command = [APACHE, "-f", ROOT / "apache" / "httpd.conf", "-DFOREGROUND", *options]
    with running(command, f"http://127.0.0.1:{port}", folder, terminal=False, **settings) as server:
        yield server
