"""A request's body, within its limits."""

import falcon
from gunicorn.http.errors import ParseException

from serve.errors import MalformedError

JSON = "application/json"
CSV = "text/csv"
# No type at all, and the one that curl -d sends by itself, have always been taken for JSON.
UNDECLARED = ("", "application/x-www-form-urlencoded")
CHUNK = 1 << 16
# So much of a body that is too large is read and thrown away: a client that is still sending would otherwise see its
# connection reset instead of the answer (RFC 9112 section 9.6).
DRAINED = 64 << 20


def media_type(req: falcon.Request, *taken: str) -> str:
    """What the body is declared as, one of the types that are taken there; JSON if it is not declared.

    Raises:
        falcon.HTTPUnsupportedMediaType: It is something else, or compressed.
    """
    declared, _, parameters = (req.content_type or "").lower().partition(";")
    declared = declared.strip()
    charset = parameter(parameters, "charset") if parameters else None
    if charset not in (None, "utf-8", "utf8", "us-ascii"):
        raise falcon.HTTPUnsupportedMediaType(description=f"the body is declared as {charset}; send UTF-8")
    encoding = req.get_header("Content-Encoding") or "identity"
    if encoding.lower() != "identity":
        raise falcon.HTTPUnsupportedMediaType(description=f"the body is compressed ({encoding}); send it as it is")
    if declared in taken:
        return declared
    if declared not in UNDECLARED:
        raise falcon.HTTPUnsupportedMediaType(
            description=f"the body is declared as {declared}; send Content-Type: {' or '.join(taken)}"
        )
    return JSON


def has_header(req: falcon.Request) -> bool:
    """Whether CSV is declared to have a header: it has, unless `header=absent` says otherwise (RFC 4180 section 3)."""
    return parameter((req.content_type or "").lower(), "header") != "absent"


def parameter(text: str, name: str) -> str | None:
    """A parameter of a media type, by name; None if it has none."""
    pairs = (part.partition("=") for part in text.split(";"))
    return next((value.strip().strip('"') for found, _, value in pairs if found.strip() == name), None)


def read(req: falcon.Request, max_body: int) -> bytes:
    """The whole body, at most `max_body` bytes.

    Raises:
        falcon.HTTPContentTooLarge: It is larger.
        MalformedError: It ends early, or its chunks are broken.
    """
    length = req.content_length
    try:
        if length is not None and length > max_body:
            drain(req, length)
            raise too_large(max_body)
        content: bytes = req.stream.read(max_body + 1)
        if len(content) > max_body:
            drain(req, DRAINED)
            raise too_large(max_body)
    except (OSError, ParseException) as error:
        raise MalformedError(f"the body cannot be read: {error}") from error
    return content


def drain(req: falcon.Request, length: int) -> None:
    """Read and forget."""
    left = min(length, DRAINED)
    while left > 0 and (got := len(req.stream.read(CHUNK))):
        left -= got


def too_large(max_body: int) -> falcon.HTTPContentTooLarge:
    """413, with the limit."""
    return falcon.HTTPContentTooLarge(description=f"at most {max_body} bytes are taken: send the rows in smaller parts")
