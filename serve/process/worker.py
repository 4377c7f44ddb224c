"""Gunicorn's worker with an event loop, with connections spread evenly over all workers.

All workers listen on one socket. By itself an event loop takes what comes as soon as it looks, so that often one worker
has all the clients while another one sleeps; and libuv takes one connection in each of its rounds, so that under load a
new one waits behind a round of requests for each that came before it.
"""

import asyncio
import errno
import mmap
import os
import resource
import signal
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gasgi import ASGIWorker

from alpenglow._serve.process.connection import Protocol
from alpenglow._serve.process.settings import MOST_WORKERS

SLOTS = 2 * MOST_WORKERS  # while a new model takes over, the workers of the old one finish
GONE = -1
# Seconds until a worker looks again whether one with fewer connections has taken the one that waits, and how often.
PAUSE, PAUSES = 0.001, 5
FULL = 0.05  # and until it looks whether there is room for another connection
SWEEP = 1.0  # seconds between two looks at all connections
OTHERS, LEAST = 64, 16  # descriptors that are no connections, and connections however few there are
STOPS = {signal.SIGTERM, signal.SIGQUIT, signal.SIGINT}
SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Connections:
    """How many each worker has, by its slot: shared memory, made before the fork."""

    def __init__(self) -> None:
        self.counts = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("i")
        for slot in range(SLOTS):
            self.counts[slot] = GONE

    def allowed(self) -> int:
        """How many a worker has at the most when it takes one more: a quarter more than whoever has the fewest."""
        fewest = min((count for count in self.counts if count >= 0), default=0)  # below: gone, or about to
        return fewest + fewest // 4


class Worker(ASGIWorker):  # type: ignore[misc]
    """Serves; Gunicorn makes it, and `serve/gunicorn.conf.py` gives it its slot and what all of them share."""

    slot: int
    connections: Connections

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.open: set[Protocol] = set()
        self.most = self.cfg.worker_connections

    def count(self, more: int) -> None:
        """Have so many connections more."""
        self.connections.counts[self.slot] += more

    def full(self) -> bool:
        """Whether it can have no more connections."""
        return bool(self.connections.counts[self.slot] >= self.most)

    def crowded(self) -> bool:
        """Whether it soon cannot."""
        return bool(self.connections.counts[self.slot] > self.most * 9 // 10)

    def sweep(self, before: float) -> None:
        """Look at all connections. If this process has had a pause, that is nobody's fault."""
        now = self.loop.time()
        for connection in list(self.open):
            connection.look(min(now - before, 2 * SWEEP))
        self.loop.call_later(SWEEP, self.sweep, now)

    def _setup_event_loop(self) -> None:
        super()._setup_event_loop()
        self.loop.create_server = self.listen

    async def listen(self, factory: Callable[[], Any], *, sock: socket.socket, **options: Any) -> "Listener":
        """In place of the event loop's own."""
        self.connections.counts[self.slot] = 0
        self.most = min(self.most, max(LEAST, descriptors() - OTHERS))
        self.loop.call_later(SWEEP, self.sweep, self.loop.time())
        sock.setblocking(False)
        sock.listen(self.cfg.backlog)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)  # those that `keep_stops` has kept are heard now
        return Listener(self, sock)


class Listener:
    """Takes connections from a socket as long as no other worker has far fewer."""

    def __init__(self, worker: Worker, sock: socket.socket) -> None:
        self.worker = worker
        self.sock = sock
        self.pauses = 0
        self.later: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        worker.loop.add_reader(sock, self.take)

    def take(self) -> None:
        """Take what waits, or leave it to another worker for a moment."""
        connections, slot = self.worker.connections, self.worker.slot
        while connections.counts[slot] <= connections.allowed() or self.pauses >= PAUSES:
            self.pauses = 0
            if self.worker.full():
                self.pause(FULL)
                return
            try:
                connection, _ = self.sock.accept()
            except OSError as error:  # another worker has been faster, or the client has gone
                if error.errno in SHORT:
                    self.pause(FULL)
                return
            self.worker.count(1)
            task = self.worker.loop.create_task(self.serve(connection))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        self.pauses += 1
        self.pause(PAUSE)

    def pause(self, seconds: float) -> None:
        """Look again then."""
        self.worker.loop.remove_reader(self.sock)
        self.later = self.worker.loop.call_later(seconds, self.resume)

    async def serve(self, connection: socket.socket) -> None:
        """Hand a connection to Gunicorn."""
        connection.setblocking(False)
        try:
            await self.worker.loop.connect_accepted_socket(lambda: Protocol(self.worker), connection)
        except OSError:
            self.worker.count(-1)
            connection.close()

    def resume(self) -> None:
        """Look again."""
        self.later = None
        self.worker.loop.add_reader(self.sock, self.take)

    def close(self) -> None:
        """Take no more; that others have more is no longer a reason to wait for this worker."""
        if self.later:
            self.later.cancel()
        else:
            self.worker.loop.remove_reader(self.sock)
        self.worker.connections.counts[self.worker.slot] = GONE

    async def wait_closed(self) -> None:
        """Wait until Gunicorn has all that were taken."""
        await asyncio.gather(*self.tasks)


def descriptors() -> int:
    """How many this process can have, once it has asked for as many as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def keep_stops() -> None:
    """From now on a worker that is not ready yet hears later that it shall stop: when its event loop runs.

    Before, it has the handlers of its master or those of a loop that does not listen yet: what was sent then would be
    lost, and the master would wait 30 seconds.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, STOPS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS),
    )


def rehearse(server: Any, request: bytes) -> None:
    """Answer a request that nobody has sent, on a connection of its own, in Gunicorn's master.

    Python writes into code when it runs for the first time. Done before the fork, the workers share these pages.
    """
    worker = Worker(0, os.getppid(), [], server.app, 0, server.cfg, server.log)
    worker.slot, worker.connections, worker.asgi = 0, Connections(), server.app.callable
    worker._setup_event_loop()
    try:
        worker.loop.run_until_complete(converse(worker, request))
    finally:
        worker.loop.close()
        worker.tmp.close()


async def converse(worker: Worker, request: bytes) -> None:
    """Send a worker a request, and wait for its answer."""
    ours, its = socket.socketpair()
    with ours, its:
        for end in (ours, its):
            end.setblocking(False)
        transport, protocol = await worker.loop.connect_accepted_socket(lambda: Protocol(worker), its)
        for _ in range(2):  # the second one as on a connection that is kept
            await worker.loop.sock_sendall(ours, request)
            await worker.loop.sock_recv(ours, 1 << 16)
        transport.close()
        protocol._task.cancel()  # or it waits for what the client's end may still have to say
        await asyncio.wait({protocol._task})
