"""Errors as RFC 9457 problem details (`application/problem+json`)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import falcon
import msgspec

from serve.errors import Fault, InputError, MalformedError

PROBLEM_JSON = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """The members of RFC 9457 section 3.1, and `errors` as in its section 3's example."""

    title: str
    status: int
    detail: str | None = None
    errors: Sequence[Fault] = ()
    more_errors: int = 0


def write(resp: falcon.Response, problem: Problem) -> None:
    """Answer with a problem."""
    resp.status = problem.status
    resp.content_type = PROBLEM_JSON
    resp.data = msgspec.json.encode(problem)


def on_input_error(req: falcon.Request, resp: falcon.Response, error: InputError, params: dict[str, Any]) -> None:
    """422: the body was understood, and its table does not fit the model."""
    write(resp, Problem("The table does not fit the model", 422, str(error), error.faults, error.more))


def on_malformed(req: falcon.Request, resp: falcon.Response, error: MalformedError, params: dict[str, Any]) -> None:
    """400: the body cannot be read."""
    write(resp, Problem("The body is not JSON", 400, str(error)))


def serialize(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError) -> None:
    """What Falcon itself raises, such as for an unknown path or a wrong method."""
    detail = error.description
    if isinstance(error, falcon.HTTPNotFound):
        detail = f"there is nothing at {req.path}: POST rows to /predict"
    elif isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = dict(error.headers or {}).get("Allow", "nothing")
        detail = f"{req.method} is not possible at {req.path}: allowed is {allowed}"
    write(resp, Problem(HTTPStatus(error.status_code).phrase, error.status_code, detail))
