"""A request's body, within its limits."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import falcon
import falcon.asgi

JSON = "application/json"
CSV = "text/csv"
# SageMaker's name for JSON Lines, and two that others use; none is registered.
LINES = ("application/jsonlines", "application/x-ndjson", "application/jsonl")
# No type at all, and the one that curl -d sends by itself, have always been taken for JSON.
UNDECLARED = ("", "application/x-www-form-urlencoded")
CHUNK = 1 << 16
# So much of a body that is too large is read and thrown away: a client that is still sending would otherwise see its
# connection reset instead of the answer (RFC 9112 section 9.6).
DRAINED = 64 << 20

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class UnfinishedError(Exception):
    """The client has gone, or keeps silent, before its body is complete."""


def media_type(req: falcon.asgi.Request, *taken: str) -> str:
    """What the body is declared as, one of the types that are taken there; JSON if it is not declared.

    Raises:
        falcon.HTTPUnsupportedMediaType: It is something else.
    """
    declared, _, parameters = (req.content_type or "").lower().partition(";")
    declared = declared.strip()
    charset = parameter(parameters, "charset") if parameters else None
    if charset not in (None, "utf-8", "utf8", "us-ascii"):
        raise falcon.HTTPUnsupportedMediaType(description=f"the body is declared as {charset}; send UTF-8")
    if declared in taken:
        return declared
    if declared not in UNDECLARED:
        raise falcon.HTTPUnsupportedMediaType(
            description=f"the body is declared as {declared}; send Content-Type: {' or '.join(taken)}"
        )
    return JSON


def has_header(req: falcon.asgi.Request) -> bool | None:
    """Whether CSV is declared to have a header, or to have none (RFC 4180 section 3); None if that is not said."""
    declared = parameter((req.content_type or "").lower(), "header")
    return None if declared is None else declared != "absent"


def parameter(text: str, name: str) -> str | None:
    """A parameter of a media type, by name; None if it has none."""
    pairs = (part.partition("=") for part in text.split(";"))
    return next((value.strip().strip('"') for found, _, value in pairs if found.strip() == name), None)


def arriving(receive: Receive) -> Receive:
    """ASGI's `receive` for a body that may break off: a part of one is never taken for a whole.

    A client that goes, or that Gunicorn no longer waits for, is an event of its own in ASGI, and for Falcon the end of
    the body. Here whoever reads on gets `UnfinishedError`; a request whose body never began can still be answered.
    """
    begun = False

    async def event() -> Mapping[str, Any]:
        nonlocal begun
        found = await receive()
        if found["type"] == "http.disconnect":
            if begun:
                raise UnfinishedError
            found = {"type": "http.request", "more_body": True}
        begun = True
        return found

    return event


async def read(req: falcon.asgi.Request, most: int, begun: bytes = b"") -> bytes:
    """The whole body, at most so many bytes.

    Args:
        req: The request.
        most: How many bytes are taken.
        begun: What has been read of it.

    Raises:
        falcon.HTTPContentTooLarge: It is larger.
        UnfinishedError: It does not come.
    """
    length = req.content_length
    if length is None or length <= most:
        content = begun + await req.stream.read(most + 1 - len(begun))
        if len(content) <= most:
            return content
    left = min(length or DRAINED, DRAINED)
    while left > 0 and (got := len(await req.stream.read(CHUNK))):
        left -= got
    raise falcon.HTTPContentTooLarge(description=f"at most {most} bytes are taken: send the rows in smaller parts")
