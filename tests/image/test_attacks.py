"""Clients that mean harm: slow ones, and those that want two servers to read one request in two ways."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
import requests

from tests.image.containers import Container, serving

HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def test_two_hundred_slow_clients_keep_nobody_waiting(server, seed_request) -> None:
    body = b" " * 100_000 + seed_request
    starts = [HEAD + b"X-Slow: "] * 100 + [HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body[:50_000]] * 100
    over = threading.Event()
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection((server.address(), 5000), timeout=30)) for _ in starts]
        for connection, start in zip(slow, starts, strict=True):
            connection.sendall(start)

        def trickle() -> None:
            while not over.wait(1):
                for connection in slow:
                    with suppress(OSError):  # it may have been thrown out
                        connection.send(b" ")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            for _ in range(20):
                start_of_request = time.monotonic()
                answer = requests.post(f"{server.url}/predict", data=seed_request, timeout=10)
                assert answer.json() == {"predictions": [" <=50K"]}
                assert time.monotonic() - start_of_request < 5
                time.sleep(0.1)
        finally:
            over.set()
            thread.join()


def test_slow_headers_are_thrown_out(server) -> None:
    with socket.create_connection((server.address(), 5000), timeout=60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        start = time.monotonic()
        assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")
        assert 5 < time.monotonic() - start < 30


@pytest.fixture(scope="module")
def watched() -> Iterator[Container]:
    """A container whose Gunicorn logs each request that reaches it."""
    with serving("--env=GUNICORN_CMD_ARGS=--access-logfile=- --access-logformat=reached:%(m)s:%(U)s") as container:
        yield container


def chunk(content: bytes) -> bytes:
    """One chunk and the last."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n" % (5 + len(SMUGGLED)) + SMUGGLED,
        HEAD + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        HEAD + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        HEAD + b"Content-Length: 0, %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        HEAD + b"Content-Length: +0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        HEAD + b"X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + SMUGGLED,
        HEAD + b"X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"X-A: b\x00\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\n12345\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + SMUGGLED,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SMUGGLED,
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(SMUGGLED),
        HEAD + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
        HEAD.replace(b"/predict", b"/too-large") + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    ],
)
def test_no_request_is_smuggled_past_apache(watched, request_bytes) -> None:
    with socket.create_connection((watched.address(), 5000), timeout=30) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answers.startswith(b"HTTP/1.1 ")
    # Where Apache sees two requests on the connection, so does everybody who reads RFC 9112: the first must be over,
    # with a length that nobody doubts. Else the second is a part of the first, or the connection ends.
    assert b"/smuggled" not in answers
    assert "reached:GET:/smuggled" not in watched.log()


def test_what_is_watched_is_seen(watched, seed_request) -> None:
    watched.post(seed_request)
    assert "reached:POST:/predict" in watched.log()
