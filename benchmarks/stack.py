"""Apache and Gunicorn as they are deployed, with one application or another in them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alpenglow._serve.process.cgroup import limits
from alpenglow._serve.process.settings import for_apache, from_environment
from tests.servers import apache, gunicorn_on_socket


@contextmanager
def stack(model: Path, *application: str) -> Iterator[str]:
    """Two workers behind Apache; the address. `application` overrules what `serve/gunicorn.conf.py` loads."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            gunicorn_on_socket(model, folder / "gunicorn.sock", *application),
            apache(folder, **deployed()) as server,
        ):
            yield server.url


def deployed() -> dict[str, str]:
    """What `python -m alpenglow._serve.process.settings` tells Apache on this machine, but the port."""
    there = limits()
    variables = for_apache(from_environment({}, there), there)
    return {name: str(value) for name, value in variables.items() if name != "PORT"}
