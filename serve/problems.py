"""Errors as RFC 9457 problem details (`application/problem+json`), or as the protocol of a path prescribes."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import falcon
import falcon.asgi
import msgspec

from alpenglow._serve.body import UnfinishedError
from alpenglow._serve.errors import Fault, InputError, MalformedError, TooManyRowsError
from alpenglow._serve.process.room import BusyError

PROBLEM_JSON = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """The members of RFC 9457 section 3.1, and `errors` as in its section 3's example."""

    title: str
    status: int
    detail: str | None = None
    errors: Sequence[Fault] = ()
    more_errors: int = 0

    def message(self) -> str:
        """All that is wrong, in one text: for protocols whose errors have nothing else."""
        text = self.detail or self.title
        if len(self.errors) < 2 or not text.endswith(self.errors[0].detail):
            return text
        more = f"; and {self.more_errors:,} more" if self.more_errors else ""
        text = text.replace(", the first: ", ": ", 1)
        return "; ".join([text, *(fault.detail for fault in self.errors[1:])]) + more


Envelope = Callable[[falcon.asgi.Response, Problem], None]


def details(resp: falcon.asgi.Response, problem: Problem) -> None:
    """The problem itself."""
    resp.status = problem.status
    resp.content_type = PROBLEM_JSON
    resp.data = msgspec.json.encode(problem)


def add_handlers(
    app: falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response], envelopes: Mapping[str, Envelope]
) -> None:
    """Let an application answer errors.

    Args:
        app: Falcon's.
        envelopes: How to write a problem, by the first part of a path; where there is none, as problem details.
    """

    def write(req: falcon.asgi.Request, resp: falcon.asgi.Response, problem: Problem) -> None:
        envelopes.get(req.path.split("/", 2)[1], details)(resp, problem)

    async def on_input_error(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: InputError, params: dict[str, Any]
    ) -> None:
        write(req, resp, Problem("The table does not fit the model", 422, str(error), error.faults, error.more))

    async def on_malformed(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: MalformedError, params: dict[str, Any]
    ) -> None:
        write(req, resp, Problem("The body cannot be read", 400, str(error)))

    async def on_rows(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: TooManyRowsError, params: dict[str, Any]
    ) -> None:
        write(req, resp, Problem(HTTPStatus(413).phrase, 413, str(error)))

    async def on_busy(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: BusyError, params: dict[str, Any]
    ) -> None:
        resp.set_header("Retry-After", "1")
        write(
            req, resp, Problem(HTTPStatus(503).phrase, 503, "too much is in hand: send the request again in a second")
        )

    async def on_unfinished(
        req: falcon.asgi.Request, resp: falcon.asgi.Response, error: UnfinishedError, params: dict[str, Any]
    ) -> None:
        detail = "the body does not arrive: send it at once, with its whole length"
        write(req, resp, Problem(HTTPStatus(408).phrase, 408, detail))

    def serialize(req: falcon.asgi.Request, resp: falcon.asgi.Response, error: falcon.HTTPError) -> None:
        write(req, resp, Problem(HTTPStatus(error.status_code).phrase, error.status_code, description(req, error)))

    app.add_error_handler(InputError, on_input_error)
    app.add_error_handler(MalformedError, on_malformed)
    app.add_error_handler(TooManyRowsError, on_rows)
    app.add_error_handler(UnfinishedError, on_unfinished)
    app.add_error_handler(BusyError, on_busy)
    app.set_error_serializer(serialize)


def description(req: falcon.asgi.Request, error: falcon.HTTPError) -> str | None:
    """What Falcon itself raises, such as for an unknown path or a wrong method, in words that help."""
    if isinstance(error, falcon.HTTPRouteNotFound):
        return f"there is nothing at {req.path}: /openapi.json lists all paths, and /predict takes rows"
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = dict(error.headers or {}).get("Allow", "nothing")
        return f"{req.method} is not possible at {req.path}: allowed is {allowed}"
    if isinstance(error, falcon.HTTPInternalServerError):
        return "the server failed to handle the request"
    return error.description
