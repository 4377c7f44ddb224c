"""One connection: Gunicorn's, with bounds on what it holds and on how long it waits for its client."""

from collections.abc import Iterable
from typing import Any

from gunicorn.asgi.parser import InvalidHeader, LimitRequestHeaders
from gunicorn.asgi.protocol import ASGIProtocol

from alpenglow._serve.process.refusals import refusal

READ = 1 << 15  # bytes that are read at once
HEAD_MOST = 1 << 14  # bytes of a request line and header in all
WAITING = 1 << 16  # bytes of a body that wait until somebody reads them
RATE = 1 << 14  # bytes a second that a body and an answer must make
# Seconds that the client may take: to begin a first request, and any while so many wait that there is no room, or while
# the worker ends (more than Apache keeps a connection that it does not use); to send a header; and that a body or an
# answer may be late, at the rate above.
FIRST, CROWDED, LEAVING, HEADER, LATE = 10.0, 1.0, 2.0, 10.0, 10.0
EVERY = "/predict"  # whose methods are all that there are
IDLE, HEAD, BODY, ANSWER, BUSY = range(5)

# Gunicorn keeps what it finds out about its parser in C at whatever class asks first, and then looks at this one: asked
# by ours, it would parse in Python.
ASGIProtocol._check_h1c_protocol_available()


class Protocol(ASGIProtocol):  # type: ignore[misc]  # Gunicorn has no types
    """Gunicorn tells it what happens, and its worker about every second that time has passed (`look`)."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        self._max_buffer_size = WAITING
        self.head = 0  # bytes of a header that is not complete
        self.received = 0  # bytes since the last look
        self.left = 0  # bytes that the client had still to read then
        self.phase, self.turn, self.debt = IDLE, 0, 0.0
        self.answered = False  # the request whose body is still on its way

    def connection_made(self, transport: Any) -> None:
        """Have asyncio's own event loop ask for no more at once than a usual request has.

        It takes a buffer of 256 KiB for each read, which musl gets from the kernel and gives back.
        """
        if hasattr(transport, "max_size"):
            transport.max_size = READ
        self.worker.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it off, once."""
        if not self._conn_lost_handled:
            self.worker.open.discard(self)
            self.worker.count(-1)
            if self._flow_control:
                self._flow_control.resume_writing()  # whoever waits for it to be read
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take no more of a header than may be."""
        if self._closed:
            return
        self.received += len(data)
        if self._current_request is not None:
            super().data_received(data)
            return
        self.head += len(data)
        super().data_received(data)
        if self.head > HEAD_MOST and self._current_request is None and not self._closed:
            self.refuse(431, f"at most {HEAD_MOST} bytes are taken")

    def _on_headers_complete(self) -> Any:
        skip = super()._on_headers_complete()
        request = self._current_request
        if self.head > HEAD_MOST and size(request.headers_bytes) + len(request.uri) > HEAD_MOST:
            raise LimitRequestHeaders(f"at most {HEAD_MOST} bytes are taken")
        self.head = 0
        if request.version >= (1, 1) and not value(request.headers_bytes, b"host"):  # RFC 9112 section 3.2
            raise InvalidHeader("there is no Host")
        if request.method == "CONNECT":
            self.refuse(501, "CONNECT is for proxies")
        elif request.chunked and value(request.headers_bytes, b"transfer-encoding").lower() != b"chunked":
            self.refuse(501, "send the body as it is, or in chunks")
        return skip

    def _build_http_scope(self, request: Any, sockname: Any, peername: Any) -> Any:
        scope = super()._build_http_scope(request, sockname, peername)
        if not scope["path"].startswith("/"):  # RFC 9112 section 3.2: a whole URL, or * for all paths
            scope["path"] = EVERY if scope["path"] == "*" else "/" + scope["path"].partition("://")[2].partition("/")[2]
            scope["raw_path"] = scope["path"].encode()
        return scope

    def _is_websocket_upgrade(self, request: Any) -> bool:
        return False  # who asks for another protocol gets an answer in this one (RFC 9110 section 7.8)

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> Any:
        """Answer in the connection's own task: nothing of ours goes on behind its answer, which Gunicorn allows for."""
        keepalive = await self._handle_http_request(request, sockname, peername)
        receiver = self._body_receiver
        if not receiver._complete and not self._closed:
            await self.drain(receiver)
        return keepalive

    async def drain(self, receiver: Any) -> None:
        """Read what is left of a body: its client would otherwise see a reset in place of the answer.

        RFC 9112 section 9.6. One that waits for `100 Continue` does not send it.
        """
        if receiver.request._expect_100_continue and not self.received and not receiver.buffered:
            return
        self.answered = True
        while not receiver._complete and not receiver._disconnected:
            await receiver.receive()
        self.answered = False

    def _will_close(self, request: Any, response_requires_close: bool) -> bool:
        """Whether the connection ends behind an answer, which says so: also if many want one."""
        return bool(super()._will_close(request, response_requires_close) or self.worker.crowded())

    def _send_error_response(self, status: int, message: str, extra_headers: Iterable[tuple[str, str]] = ()) -> None:
        if self.answered:
            return
        if message == "Unsupported Transfer-Encoding":  # the parser in C has no status of its own for it
            status = 501
        extra = "".join(f"{name}: {value}\r\n" for name, value in extra_headers)
        self._safe_write(refusal(status, message, extra, self._callback_parser.method == b"HEAD"))

    def refuse(self, status: int, reason: str) -> None:
        """Answer, and end the connection."""
        self._send_error_response(status, reason)
        self.end()

    def end(self) -> None:
        """Close it, and have its task end."""
        self._close_transport()
        self._request_ready.set()

    # The sweep is all that it takes: no timer for each request.

    def _arm_keepalive_timer(self) -> None:
        """As `look` sees to it."""

    def _cancel_keepalive_timer(self) -> None:
        """As there is none."""

    def look(self, passed: float) -> None:
        """So many seconds have passed since the last time: end what its client lets wait for too long.

        What is late by is a debt in seconds, which bytes that move repay at the rate that is wanted.
        """
        left = self.transport.get_write_buffer_size()
        receiver = self._body_receiver
        moved = 0
        if left:
            phase, moved = ANSWER, max(0, self.left - left)
        elif self._current_request is None:
            phase = HEAD if self.head else IDLE
        elif receiver._waiter is not None and not receiver._complete:
            phase, moved = BODY, self.received
        else:
            phase = BUSY  # it is we who take time
        self.left, self.received = left, 0
        if phase != self.phase or (self.turn != self.req_count and phase != ANSWER):
            self.phase, self.turn, self.debt = phase, self.req_count, 0.0
            return
        self.debt = max(0.0, self.debt + passed - moved / RATE)
        if self.debt > self.patience(phase):
            self.lose(phase, receiver)

    def patience(self, phase: int) -> float:
        """Seconds."""
        if phase == IDLE:
            usual = self._keepalive if self.req_count > 1 else FIRST
            if self.worker.crowded():
                return min(usual, CROWDED)
            return usual if self.worker.alive else min(usual, LEAVING)
        return {HEAD: HEADER, BODY: LATE, ANSWER: LATE, BUSY: float("inf")}[phase]

    def lose(self, phase: int, receiver: Any) -> None:
        """Wait no more."""
        if phase == IDLE:
            self.end()
        elif phase == HEAD:
            self.refuse(408, f"a header has {HEADER:.0f} seconds")
        elif phase == BODY:  # the application is told, and answers
            receiver._body_wait_expired = True
            receiver._wake_waiter()
        else:
            self.transport.abort()


def size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes of a header."""
    return sum(len(name) + len(value) + 4 for name, value in headers)


def value(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """The value of the first header of that name; empty if there is none."""
    for name, found in headers:
        if name == wanted:
            return found
    return b""
