"""Bodies that are compressed, and answers to clients that take them so (RFC 9110 section 8.4.1)."""

import asyncio
import re
import zlib
from typing import Any

import falcon
import falcon.asgi

from alpenglow._serve.errors import MalformedError

GZIP_OR_ZLIB, RAW, GZIP = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS, 16 + zlib.MAX_WBITS
CODINGS = ("gzip", "x-gzip", "deflate")
LEAST = 1 << 10  # bytes of an answer below which nothing is gained
AT_ONCE = 1 << 15  # bytes that are compressed in the event loop: in less than a millisecond
FASTEST = 1
TAKES = re.compile(r"(?:^|,)\s*(?:x-)?gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:[;,]|$)", re.ASCII | re.IGNORECASE)


def coding(req: falcon.asgi.Request) -> str | None:
    """How the body is compressed; None if it is not.

    Raises:
        falcon.HTTPUnsupportedMediaType: In a way that is not known here.
    """
    declared = (req.get_header("Content-Encoding") or "identity").strip().lower()
    if declared == "identity":
        return None
    if declared not in CODINGS:
        raise falcon.HTTPUnsupportedMediaType(
            description=f"the body is compressed ({declared}): send gzip or deflate, or send it as it is",
            headers={"Accept-Encoding": "gzip, deflate"},
        )
    return declared


def unpacked(content: bytes, declared: str, most: int) -> bytes | None:
    """The body; None if it has more bytes than `most`, no more than which are ever made.

    Raises:
        MalformedError: It is not what it is declared to be, or not all of it.
    """
    try:
        return inflated(content, GZIP_OR_ZLIB, most)
    except zlib.error as error:
        if declared == "deflate":  # which some send without its two bytes in front
            try:
                return inflated(content, RAW, most)
            except zlib.error:
                pass
        raise MalformedError(f"the body is declared as {declared} and is not: {error}") from error


def inflated(content: bytes, bits: int, most: int) -> bytes | None:
    """The same, of one way of compressing; a gzip file may have several members (RFC 1952 section 2.2)."""
    found: list[bytes] = []
    left = most
    while True:
        unpack = zlib.decompressobj(bits)
        found.append(unpack.decompress(content, left + 1))
        left -= len(found[-1])
        if left < 0:
            return None
        if not unpack.eof:
            raise zlib.error("it ends too early")
        content = unpack.unused_data
        if not content:
            return b"".join(found)


class Compression:
    """Middleware that compresses answers that are not small for clients that ask for it."""

    async def process_response(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: Any, succeeded: bool
    ) -> None:
        """Replace the answer; a cache is told that there are two, whichever it is given (RFC 9110 section 12.5.5)."""
        data = resp.data
        if data is None or len(data) < LEAST:
            return
        resp.append_header("Vary", "Accept-Encoding")
        if not TAKES.search(req.get_header("Accept-Encoding") or ""):
            return
        if len(data) <= AT_ONCE:
            resp.data = packed(data)
        else:
            resp.data = await asyncio.get_running_loop().run_in_executor(None, packed, data)
        resp.set_header("Content-Encoding", "gzip")


def packed(data: bytes) -> bytes:
    """In the format of gzip."""
    return zlib.compress(data, FASTEST, GZIP)
