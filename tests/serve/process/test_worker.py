"""Connections over all workers."""

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.commands import run
from tests.servers import Server, gunicorn


@pytest.fixture
def pair(artifacts, tmp_path) -> Iterator[Server]:
    """Two workers, both of which take connections."""
    with gunicorn(artifacts / "model.onnx", tmp_path) as server:
        end = time.monotonic() + 30
        while len(shares(server, 2)) < 2:
            assert time.monotonic() < end
        yield server


def workers(server: Server) -> list[int]:
    """Their process ids."""
    found = run("ps", "-o", "pid=", "--ppid", server.process.pid)
    return sorted(int(pid) for pid in found.stdout.split())


def connected(server: Server) -> Counter[int]:
    """How many established connections each worker has (proc(5), /proc/net/tcp)."""
    port = int(server.url.rpartition(":")[2])
    with open("/proc/net/tcp", encoding="ascii") as table:
        lines = [line.split() for line in table.readlines()[1:]]
    inodes = {line[9] for line in lines if int(line[1].rpartition(":")[2], 16) == port and line[3] == "01"}
    counts: Counter[int] = Counter()
    for pid in workers(server):
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                continue
            counts[pid] += target[8:-1] in inodes
    return +counts


def shares(server: Server, clients: int) -> Counter[int]:
    """How many of so many clients each worker serves."""
    host, port = server.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(clients):
            ask(stack.enter_context(closing(socket.create_connection((host, int(port)), timeout=30))))
        return connected(server)


def ask(connection: socket.socket) -> None:
    connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("clients", [2, 16, 100])
def test_each_gets_its_share(pair, clients) -> None:
    counts = shares(pair, clients)
    assert sum(counts.values()) == clients
    assert max(counts.values()) <= clients // 2 + clients // 8


def test_one_that_does_nothing_is_not_waited_for(pair) -> None:
    frozen = workers(pair)[0]
    os.kill(frozen, signal.SIGSTOP)
    try:
        answered = 0
        for _ in range(10):
            start = time.monotonic()
            assert pair.get("/health/live").status_code == 200
            answered += time.monotonic() - start < 5
        assert answered == 10
    finally:
        os.kill(frozen, signal.SIGCONT)


def test_one_that_is_killed_is_replaced_and_counts_for_nothing(pair, seed_request) -> None:
    before = workers(pair)
    os.kill(before[0], signal.SIGKILL)
    end = time.monotonic() + 30
    while (len(after := workers(pair)) < 2 or after == before) and time.monotonic() < end:
        time.sleep(0.05)
    assert set(after) != set(before)
    for _ in range(20):
        assert pair.predictions(seed_request) == [" <=50K"]
