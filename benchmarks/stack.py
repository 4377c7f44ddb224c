"""Apache and Gunicorn as they are deployed, with one application or another in them."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0  # seconds


@contextmanager
def stack(*application: str) -> Iterator[str]:
    """Two workers behind Apache; the address. `application` overrules what `serve/gunicorn.conf.py` loads."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe, ExitStack() as processes:
        Path(folder).chmod(0o755)  # Apache's child, nobody, must get to the socket
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        path = f"{folder}/gunicorn.sock"
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "serve/gunicorn.conf.py", *application]
        processes.enter_context(process(gunicorn, BIND=f"unix:{path}", WORKERS="2"))
        apache = ["/usr/sbin/apache2", "-f", str(ROOT / "apache/httpd.conf"), "-DFOREGROUND"]
        modules = "/usr/lib/apache2/modules"
        processes.enter_context(process(apache, MODULES=modules, PORT=str(port), SOCKET=path, RUN=folder))
        wait_for(lambda: Path(path).exists() and listens(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def process(command: Sequence[str], **environment: str) -> Iterator[None]:
    """A server that is stopped at the end."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=quiet, stderr=quiet) as running:
        try:
            yield
        finally:
            running.send_signal(signal.SIGTERM)


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the servers do not start; is something wrong with artifacts/model.onnx?")
        time.sleep(0.05)
