"""HTTP by hand: what is sent is exactly what a test says, and the standard library takes apart what comes back."""

import http.client
import io
import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Server

PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    """One of those on a connection."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Replay(socket.socket):
    """What has been received, for `http.client` to read."""

    def __init__(self, content: io.BytesIO) -> None:
        super().__init__()
        self.content = content

    def makefile(self, *arguments: object, **options: object) -> io.BytesIO:  # type: ignore[override]
        return self.content


def connect(server: Server | Path) -> socket.socket:
    """To a server's port, or to a Unix socket."""
    if isinstance(server, Path):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(str(server))
        return connection
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def exchange(server: Server | Path, content: bytes, methods: Sequence[str] = ("GET",)) -> list[Answer]:
    """Send this and no more; all answers until the server closes.

    Args:
        server: Whom to ask.
        content: As it goes over the wire; the last request has `Connection: close`, or is no request.
        methods: Those of the requests, as an answer to HEAD has no body.
    """
    with closing(connect(server)) as connection:
        connection.sendall(content)
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    stream, answers = Unclosed(received), []
    while stream.tell() < len(received):
        with Replay(stream) as replay:
            answer = http.client.HTTPResponse(replay, method=methods[min(len(answers), len(methods) - 1)])
            answer.begin()
            body = answer.read()
            answers.append(Answer(answer.status, answer.msg, body))
    return answers


class Unclosed(io.BytesIO):
    """As several answers follow each other."""

    def close(self) -> None:
        """The next answer is still to be read."""
