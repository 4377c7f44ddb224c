"""What Gunicorn loads, once, before it forks."""

import gc
import os
import sys

from serve.app import Service, create_app
from serve.cgroup import limits
from serve.model import ModelError, load
from serve.settings import from_environment


def application() -> Service:
    """The application, as the environment has it.

    Raises:
        SystemExit: The model cannot be served; the message is one line.
    """
    settings = from_environment(os.environ, limits())
    try:
        model = load(settings.model)
    except ModelError as error:
        sys.exit(f"serve: {error}")
    app = create_app(model, settings.max_body)
    gc.collect()
    gc.freeze()  # a collection in a worker would touch, and so copy, the pages that it shares with the master
    return app
