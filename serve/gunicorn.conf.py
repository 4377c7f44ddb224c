"""Gunicorn's settings. By hand: `gunicorn -c serve/gunicorn.conf.py`, from the folder that holds `serve`."""

import gc
import os
import sys
import threading
from dataclasses import replace
from typing import Any

from alpenglow._serve import renewal
from alpenglow._serve.asgi import settle
from alpenglow._serve.process import kept
from alpenglow._serve.process.cgroup import limits
from alpenglow._serve.process.memory import anonymous
from alpenglow._serve.process.settings import (
    KERNEL_MEMORY,
    WORKER_MEMORY,
    SettingsError,
    default_workers,
    from_environment,
    front_memory,
    growth,
)
from alpenglow._serve.process.worker import GONE, keep_stops, rehearse
from alpenglow._serve.usage import announcement, example, post

# Gunicorn runs this file again at SIGHUP, and would end if it failed: what is new then is looked at in `on_reload`.
if kept.settings is None:
    try:
        kept.settings = from_environment(os.environ, limits())
    except SettingsError as error:
        sys.exit(f"serve: {error}")
settings = kept.settings

wsgi_app = "alpenglow._serve.asgi:application()"
preload_app = True
bind = settings.bind
workers = settings.workers or 1
# One event loop a worker: a connection that waits costs no thread, and one that Apache keeps spares each request a new
# one. uvloop is taken where it is installed, and so is Gunicorn's parser in C.
worker_class = "alpenglow._serve.process.worker.Worker"
asgi_lifespan = "off"
# Behind Apache longer than the second for which that keeps idle connections (`ttl` in apache/httpd.conf): whatever is
# closed here then carries no request.
keepalive = 15 if settings.address else 3
worker_connections = 2000
limit_request_line, limit_request_fields, limit_request_field_size = 4094, 50, 8190
control_socket_disable = True
loglevel = "error"  # Ctrl-C is not worth a warning

# Nothing that a client sends is taken for what a proxy says. Gunicorn believes whoever is on a Unix socket: there are
# no names that it could believe.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
header_map = "drop"  # names with underscores

SWITCH = 0.001  # seconds until a thread with a large request lets the event loop run
STACK = 8 << 20  # the usual size of the main thread's; musl's threads have 128 KiB. It takes what is used of it.


def on_starting(server: Any) -> None:
    """With the model loaded, decide how many workers fit beside it."""
    keep_stops()
    renewal.once(server)
    if settings.workers is None:
        try:
            server.num_workers = default_workers(limits(), anonymous(), settings.max_body)
        except SettingsError as error:
            sys.exit(f"serve: {error}")
        os.environ["WORKERS"] = str(server.num_workers)  # what a reload finds
        kept.settings = replace(settings, workers=server.num_workers)


def fit(workers: int) -> None:
    """Give what is in hand the memory that is left beside the model and so many workers."""
    kept.rooms.passing.size = settings.passing
    there = limits()
    processes = anonymous() + front_memory(there, settings.max_body) + workers * WORKER_MEMORY
    left = there.memory - KERNEL_MEMORY - processes - settings.passing
    kept.rooms.computing.size = max(growth(settings.max_body), left)


def when_ready(server: Any) -> None:
    """Do all that the workers will do once, so that they share what it takes; then say how to call them."""
    service = server.app.callable
    in_force = kept.settings or settings
    rehearse(server, post("/predict", example(service.signature.columns), in_force.token))
    if service.metrics:
        service.metrics.forget()
    fit(server.num_workers)
    settle()
    # Behind Apache, whose log standard output is, beside the other messages.
    where = sys.stdout if in_force.address else sys.stderr
    said = announcement(in_force, server.num_workers, service.signature, service.verification)
    where.write(said + "\n")  # at once, with the line's end
    where.flush()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker a place for its counters that no other has, while a reload twice as many."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
    worker.connections = kept.connections


def post_fork(server: Any, worker: Any) -> None:
    """In the worker: count in that place; and threads can read what is nested as deeply as the main one can."""
    threading.stack_size(STACK)
    sys.setswitchinterval(SWITCH)
    server.app.callable.use(worker.slot)


def worker_exit(server: Any, worker: Any) -> None:
    """Leave at once, with the code that Gunicorn has chosen.

    What packages clean up at the end of a process is for the one that loaded them: from ONNX Runtime 1.29 on that waits
    for a thread, which a fork does not have, until Gunicorn kills the worker.
    """
    leaving = sys.exception()
    code = leaving.code if isinstance(leaving, SystemExit) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF if isinstance(code, int) else code is not None)


def child_exit(server: Any, worker: Any) -> None:
    """Nobody waits for a worker that has died to take connections, or for what it had in hand."""
    kept.connections.counts[worker.slot] = GONE
    kept.rooms.forget(worker.slot)


def on_reload(server: Any) -> None:
    """At SIGHUP: take what is there now, before Gunicorn forks new workers and lets the old ones finish."""
    before = server.app.callable
    try:
        new, server.app.callable, pair = renewal.look(server.num_workers)
    except Exception as error:  # Gunicorn would end
        renewal.refuse(server, error)
    else:
        renewal.take(new, pair)
    if server.app.callable is before:
        # What was loaded by then hangs on the exception's own cycle. All else stays frozen: a look would copy it.
        gc.collect()
        return
    settle()
    when_ready(server)
