"""Clients that are slow, or many, in one thread: sockets that never block."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def held(address: tuple[str, int], number: int, beginning: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections, each with the beginning of a request on it and nothing more."""
    clients: list[socket.socket] = []
    try:
        for _ in range(number):
            client = socket.create_connection(address, timeout=30)
            clients.append(client)
            client.sendall(beginning)
        yield clients
    finally:
        for client in clients:
            client.close()


def trickle(clients: list[socket.socket], piece: bytes) -> None:
    """One more piece from each that is still connected."""
    for client in clients:
        with suppress(OSError):
            client.sendall(piece)


def ask_again_and_again(address: tuple[str, int], request: bytes, number: int, seconds: float) -> Counter[str]:
    """Clients that keep their connections and ask, one request after the other, unless an answer says `close`.

    Counts each status, and `lost` for a connection that ended without an answer to what was sent.
    """
    found: Counter[str] = Counter()
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:

        def connect() -> None:
            client = socket.create_connection(address, timeout=30)
            client.sendall(request)
            selector.register(client, selectors.EVENT_READ, bytearray())

        def leave(client: socket.socket) -> None:
            selector.unregister(client)
            client.close()

        for _ in range(number):
            connect()
        while selector.get_map() and time.monotonic() < end + 60:
            for key, _ in selector.select(1):
                client, text = key.fileobj, key.data
                assert isinstance(client, socket.socket)
                try:
                    arrived = client.recv(65536)
                except OSError:
                    arrived = b""
                text += arrived
                if not arrived:
                    found["lost"] += 1
                    leave(client)
                elif whole(text):
                    found[text[9:12].decode()] += 1
                    closes = b"\r\nconnection: close" in text.lower()
                    text.clear()
                    if closes or time.monotonic() > end:
                        leave(client)
                    if time.monotonic() > end:
                        continue
                    if closes:
                        connect()
                    else:
                        client.sendall(request)
        found["unanswered"] += len(selector.get_map())
        for key in list(selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            leave(key.fileobj)
    return +found


def whole(text: bytes | bytearray) -> bool:
    """Whether an answer is there, with as many bytes as its header says."""
    head, separator, body = bytes(text).partition(b"\r\n\r\n")
    if not separator:
        return False
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(body) >= int(lengths[0])
