"""Apache and Gunicorn as they are deployed, with one application or another in them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import apache, gunicorn_on_socket

THREADS = "400"  # Apache's, as serve/settings.py has it where memory does not limit them


@contextmanager
def stack(model: Path, *application: str) -> Iterator[str]:
    """Two workers behind Apache; the address. `application` overrules what `serve/gunicorn.conf.py` loads."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            gunicorn_on_socket(model, folder / "gunicorn.sock", *application),
            apache(folder, THREADS=THREADS) as server,
        ):
            yield server.url
