"""What Gunicorn loads, once, before it forks; and again when it is told to."""

import gc
import os
import sys

from serve.app import Service, create_app
from serve.cgroup import Limits, limits
from serve.memory import bounded
from serve.model import MemoryLimitError, ModelError, load
from serve.settings import FRONT_MEMORY, MIB, UNSHARED_MEMORY, WORKER_MEMORY, Settings, from_environment


def application() -> Service:
    """The application, as the environment has it.

    Raises:
        SystemExit: The model cannot be served; the message is one line.
    """
    there = limits()
    try:
        app = prepare(from_environment(os.environ, there), there.memory, there)
    except ModelError as error:
        sys.exit(f"serve: {error}")
    settle()
    return app


def again(old: Service, workers: int) -> Service:
    """The application with the file that is there now; the old one if that cannot be served."""
    there = limits()
    others = FRONT_MEMORY + workers * WORKER_MEMORY + UNSHARED_MEMORY
    try:
        return prepare(from_environment(os.environ, there), there.memory - others, there)
    except ModelError as error:
        print(f"serve: the model is not replaced: {error}", file=sys.stderr, flush=True)
    gc.collect()  # what was loaded by then hangs on the exception's own cycle
    return old


def prepare(settings: Settings, memory: int, there: Limits) -> Service:
    """Load the model into so many bytes.

    Raises:
        ModelError: It cannot be served.
    """
    try:
        with bounded(memory):
            return create_app(load(settings.model), settings.max_body)
    except MemoryLimitError as error:
        raise ModelError(f"{error}: the limit is {there.memory // MIB} MiB") from error


def settle() -> None:
    """Give back what is no longer used, and keep collections off the rest.

    One in a worker would touch, and so copy, the pages that it shares with the master.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
