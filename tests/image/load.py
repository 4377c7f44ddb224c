"""Clients that send one request after the other, and count what went wrong."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.image.containers import Container


@dataclass
class Outcome:
    """What a number of clients got."""

    answered: int = 0
    refused: int = 0  # no connection: nobody listened any more, so nothing was accepted
    failed: list[str] = field(default_factory=list)


def load(
    container: Container, body: bytes, requests: int, at_half: Callable[[], object] | None = None, clients: int = 16
) -> Outcome:
    """Post so many requests from parallel clients, a connection for each; half-way, do something to the server.

    A client stops at the first connection that is refused. What is not answered with 200 on a connection has failed.
    """
    outcome, lock = Outcome(), threading.Lock()
    address = container.address()
    remaining = iter(range(requests))

    def client() -> None:
        while True:
            with lock:
                number = next(remaining, None)
            if number is None:
                return
            if number == requests // 2 and at_half:
                threading.Thread(target=at_half).start()
            if not one(address, body, outcome, lock):
                return

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def one(address: str, body: bytes, outcome: Outcome, lock: threading.Lock) -> bool:
    """One request; False if nobody listens."""
    connection = http.client.HTTPConnection(address, 5000, timeout=60)
    try:
        connection.connect()
    except (ConnectionRefusedError, ConnectionResetError):
        with lock:
            outcome.refused += 1
        return False
    started = time.monotonic()
    try:
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        problem = None if answer.status == 200 else f"{answer.status} {text!r}"
    except (OSError, http.client.HTTPException) as error:
        problem = f"{error!r} after {time.monotonic() - started:.3f} s"
    finally:
        connection.close()
    with lock:
        if problem:
            outcome.failed.append(problem)
        else:
            outcome.answered += 1
    return True
