"""Gunicorn's settings. By hand: `gunicorn -c serve/gunicorn.conf.py`, from the folder that holds `serve`."""

import os
import sys
import threading
from typing import Any

from serve.asgi import again, settle
from serve.cgroup import limits
from serve.memory import anonymous
from serve.room import Rooms
from serve.settings import (
    FRONT_MEMORY,
    WORKER_MEMORY,
    SettingsError,
    default_workers,
    from_environment,
    growth,
)
from serve.usage import announcement, example, post
from serve.worker import GONE, Connections, rehearse

there = limits()
try:
    settings = from_environment(os.environ, there)
except SettingsError as error:
    sys.exit(f"serve: {error}")

wsgi_app = "serve.asgi:application()"
preload_app = True
bind = settings.bind
workers = settings.workers or 1
# One event loop a worker: a connection that waits costs no thread, and one that Apache keeps spares each request a new
# one. uvloop is taken where it is installed, and so is Gunicorn's parser in C.
worker_class = "serve.worker.Worker"
asgi_lifespan = "off"
# Behind Apache longer than the second for which that keeps idle connections (`ttl` in apache/httpd.conf): whatever is
# closed here then carries no request.
keepalive = 15 if settings.address else 3
control_socket_disable = True
loglevel = "error"  # Ctrl-C is not worth a warning


connections = Connections()
SWITCH = 0.001  # seconds until a thread with a large request lets the event loop run
STACK = 8 << 20  # the usual size of the main thread's; musl's threads have 128 KiB. It takes what is used of it.


def on_starting(server: Any) -> None:
    """With the model loaded, decide how many workers fit beside it."""
    if settings.workers is None:
        try:
            server.num_workers = default_workers(there, anonymous())
        except SettingsError as error:
            sys.exit(f"serve: {error}")
        os.environ["WORKERS"] = str(server.num_workers)  # Gunicorn reads this file again at SIGHUP


def fit(rooms: Rooms, workers: int) -> None:
    """Give what is in hand the memory that is left beside the model and so many workers."""
    others = anonymous() + FRONT_MEMORY + workers * WORKER_MEMORY + settings.passing
    rooms.computing.size = max(growth(settings.max_body), there.memory - others)


def when_ready(server: Any) -> None:
    """Do all that the workers will do once, so that they share what it takes; then say how to call them."""
    service = server.app.callable
    rehearse(server, post("/predict", example(service.signature.columns), settings.token))
    if service.metrics:
        service.metrics.forget()
    fit(service.rooms, server.num_workers)
    settle()
    print(announcement(settings, server.num_workers, server.app.callable.signature), flush=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker a place for its counters that no other has, while a reload twice as many."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
    worker.connections = connections


def post_fork(server: Any, worker: Any) -> None:
    """In the worker: count in that place; and threads can read what is nested as deeply as the main one can."""
    threading.stack_size(STACK)
    sys.setswitchinterval(SWITCH)
    server.app.callable.use(worker.slot)


def child_exit(server: Any, worker: Any) -> None:
    """Nobody waits for a worker that has died to take connections, or for what it had in hand."""
    connections.counts[worker.slot] = GONE
    server.app.callable.rooms.forget(worker.slot)


def on_reload(server: Any) -> None:
    """At SIGHUP: load the model anew, before Gunicorn forks new workers and lets the old ones finish."""
    new = again(server.app.callable, server.num_workers)
    if new is server.app.callable:
        # No new workers for the old model, as there may be no memory for twice as many. Gunicorn would wait for those
        # that are older than the reload to end.
        server.cfg.set("workers", 0)
        for worker in server.WORKERS.values():
            worker.age = server.worker_age + 1
        return
    server.app.callable = new
    settle()
    when_ready(server)
