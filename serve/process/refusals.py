"""What is answered where no application is asked: to what is no request, or none that can be taken."""

from http import HTTPStatus

import msgspec

WORDS = {
    400: "the request is not valid HTTP/1.1: {}",
    408: "the request took too long to arrive: {}",
    414: "the address is too long: send the rows in the body",
    431: "the header is too large: {}",
    500: "the server failed to handle the request",
    501: "this is not done here: {}",
}
TITLES = {414: "URI Too Long"}  # in RFC 9110, but not in all versions of Python
CODES = {500: "INTERNAL_ERROR"}  # MLflow's, where it is not BAD_REQUEST


def refusal(status: int, reason: str, extra: str = "", head: bool = False) -> bytes:
    """An answer that closes the connection.

    Its body is a problem (RFC 9457) that has the members, too, that the protocols' clients look for, as Apache's have.

    Args:
        status: Of HTTP.
        reason: What is wrong in particular.
        extra: Lines of the header.
        head: It answers HEAD, which has no body.
    """
    title = TITLES.get(status) or HTTPStatus(status).phrase
    detail = WORDS.get(status, "{}").format(reason)
    code = CODES.get(status, "BAD_REQUEST")
    members = {"title": title, "status": status, "detail": detail, "error": detail, "error_code": code}
    body = msgspec.json.encode({**members, "message": detail})
    lines = (
        f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        f"{extra}Connection: close\r\n\r\n"
    )
    return lines.encode("latin-1") + (b"" if head else body)
