"""`/invocations` and what goes with it: MLflow's scoring server, versions 2 and 3, and SageMaker, which asks the same.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally (the JSON that it takes, and `/ping`, `/health`,
`/version`).
"""

from collections.abc import Callable

import falcon
import falcon.asgi
import msgspec
from msgspec import UNSET, Raw, UnsetType

from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.formats import accepted, columns, declared, instances, json, records, split
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.problems import Problem
from alpenglow._serve.protocols.query import asked
from alpenglow._serve.table import Parts
from alpenglow._serve.work import Work

READERS: dict[str, Callable[[Raw, Typed, str, str], Parts]] = {
    "dataframe_split": split.parts,
    "dataframe_records": records.parts,
    "instances": instances.parts,
    "inputs": instances.parts,
}
EXPECTED = "an object with one of dataframe_split, dataframe_records, instances and inputs, or an array of rows"
# https://mlflow.org/docs/latest/api_reference: databricks_pb2.ErrorCode, as its `error_code_to_http_status` maps them.
CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "ENDPOINT_NOT_FOUND",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}


class Payload(msgspec.Struct):
    """One of these, not yet read; `params` and any other member is ignored."""

    dataframe_split: Raw | UnsetType = UNSET
    dataframe_records: Raw | UnsetType = UNSET
    instances: Raw | UnsetType = UNSET
    inputs: Raw | UnsetType = UNSET


class Invocations:
    """`POST /invocations`."""

    def __init__(self, predictor: Predictor, work: Work) -> None:
        self.predictor = predictor
        self.work = work
        self.decoder = msgspec.json.Decoder(Payload)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Predict one row or many."""
        decode = declared.decoder(req, self.json, self.predictor)
        strict = asked(req, "strict")
        form = resp.content_type = accepted.form(req)
        (resp.data,) = await self.work.on(
            req, lambda content: accepted.answer(self.predictor, decode(content), strict, form)
        )

    def json(self, content: bytes) -> Parts:
        """The rows of a body in JSON."""
        whole = json.decode(content, SYNTAX, EXPECTED)
        if json.opening(whole) == b"[":
            return instances.parts(whole, self.predictor.typed, EXPECTED, "#")
        found = json.envelope(whole, self.decoder, EXPECTED, "#", self.predictor.typed.most)
        return parts(found, self.predictor.typed)


def parts(payload: Payload, typed: Typed) -> Parts:
    """The rows of whichever member there is.

    Raises:
        InputError: There is none or more than one, or what it has is no table.
    """
    given = [name for name in READERS if getattr(payload, name) is not UNSET]
    if len(given) != 1:
        raise InputError([Fault(f"expected {EXPECTED}, got {' and '.join(given) or 'none of them'}", "#")])
    content: Raw = getattr(payload, given[0])
    by_column = given[0] == "inputs" and json.opening(content) == b"{"
    read = columns.parts if by_column else READERS[given[0]]
    return read(content, typed, EXPECTED, f"#/{given[0]}")


def error(resp: falcon.asgi.Response, problem: Problem) -> None:
    """MLflow's `error_code` and `message`; it knows no 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    code = CODES.get(problem.status, "BAD_REQUEST")
    resp.data = msgspec.json.encode({"error_code": code, "message": problem.message()})
