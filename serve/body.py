"""A request's body, within its limits."""

import falcon
from gunicorn.http.errors import ParseException

from serve.errors import MalformedError

# No type at all, and the one that curl -d sends by itself, have always been taken for JSON.
JSON_TYPES = {"", "application/json", "application/x-www-form-urlencoded"}
CHUNK = 1 << 16
# So much of a body that is too large is read and thrown away: a client that is still sending would otherwise see its
# connection reset instead of the answer (RFC 9112 section 9.6).
DRAINED = 64 << 20


def read_json(req: falcon.Request, max_body: int) -> bytes:
    """The whole body, at most `max_body` bytes.

    Raises:
        falcon.HTTPUnsupportedMediaType: It is not declared as JSON.
        falcon.HTTPContentTooLarge: It is larger.
        MalformedError: It ends early, or its chunks are broken.
    """
    media_type = (req.content_type or "").partition(";")[0].strip().lower()
    if media_type not in JSON_TYPES:
        raise falcon.HTTPUnsupportedMediaType(
            description=f"the body is declared as {media_type}; send Content-Type: application/json"
        )
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
