"""At SIGHUP: all that can have changed is looked at first; then all of it is taken, or nothing."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from alpenglow._serve.app import Service
from alpenglow._serve.asgi import prepare
from alpenglow._serve.model import ModelError
from alpenglow._serve.process import certificate, front, kept
from alpenglow._serve.process.certificate import CertificateError, Pair
from alpenglow._serve.process.cgroup import limits
from alpenglow._serve.process.settings import (
    CONNECTION_MEMORY,
    FRONT_MEMORY,
    LEAST_CONNECTIONS,
    UNSHARED_MEMORY,
    WORKER_MEMORY,
    Settings,
    SettingsError,
    from_environment,
)


def look(workers: int) -> tuple[Settings, Service, Pair | None]:
    """What is there now: settings with the token, the application with the model, the certificate. Nothing is changed.

    Raises:
        SettingsError: The token cannot be used.
        CertificateError: The certificate cannot.
        ModelError: The model cannot.
    """
    there = limits()
    settings = from_environment(os.environ, there)
    pair = certificate.found(os.environ)  # before the model, which takes longer
    others = FRONT_MEMORY + CONNECTION_MEMORY * LEAST_CONNECTIONS + workers * WORKER_MEMORY + UNSHARED_MEMORY
    return settings, prepare(settings, there.memory - others, there), pair


def take(settings: Settings, pair: Pair | None) -> None:
    """Have the settings in force, and Apache read another certificate."""
    kept.settings = settings
    if pair and certificate.put(pair, os.environ) and not front.restart(Path(os.environ["RUN"])):
        say("Apache has not read the new certificate yet")


def refuse(server: Any, error: Exception) -> None:
    """Serve on as before; say why."""
    expected = isinstance(error, SettingsError | CertificateError | ModelError)
    say(f"nothing is reloaded: {error if expected else repr(error)}")
    # No new workers for the old model, as there may be no memory for twice as many. Gunicorn would wait for those that
    # are older than the reload to end.
    server.cfg.set("workers", 0)
    for worker in server.WORKERS.values():
        worker.age = server.worker_age + 1


def say(text: str) -> None:
    """In one line."""
    sys.stderr.write(f"serve: {' '.join(text.split())}\n")
    sys.stderr.flush()


def once(server: Any) -> None:
    """Reload once for all the signals that have come meanwhile, and not at all before a stop."""
    wait = server.wait_for_signals

    def waited(*arguments: Any, **options: Any) -> list[int]:
        came = wait(*arguments, **options)
        others = [number for number in came if number != signal.SIGHUP]
        return others if len(others) == len(came) else [*others, signal.SIGHUP]

    server.wait_for_signals = waited
