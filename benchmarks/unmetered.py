"""The same application without its metrics."""

import os

from serve.app import Service, create_app
from serve.cgroup import limits
from serve.model import load
from serve.settings import from_environment
from serve.wsgi import settle


def application() -> Service:
    """The application for Gunicorn."""
    settings = from_environment(os.environ, limits())
    app = create_app(load(settings.model), settings, metered=False)
    settle()
    return app
