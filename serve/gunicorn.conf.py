"""Gunicorn's settings. By hand: `gunicorn -c serve/gunicorn.conf.py`, from the folder that holds `serve`."""

import os
import sys
from typing import Any

from serve.cgroup import limits
from serve.settings import SettingsError, from_environment
from serve.usage import announcement

try:
    settings = from_environment(os.environ, limits())
except SettingsError as error:
    sys.exit(f"serve: {error}")

wsgi_app = "serve.wsgi:application()"
preload_app = True
bind = settings.bind
workers = settings.workers
# Apache hands over whole requests on a Unix socket, one at a time. Without it, clients keep connections open, and
# a thread for each lets the others be served.
worker_class = "gthread" if settings.address else "sync"
threads = 8 if settings.address else 1
keepalive = 15
control_socket_disable = True
loglevel = "error"  # Ctrl-C is not worth a warning


def when_ready(server: Any) -> None:
    """Say where it listens and how to call it."""
    print(announcement(settings, server.app.wsgi().signature), flush=True)
