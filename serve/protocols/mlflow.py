"""`/invocations` and what goes with it: MLflow's scoring server, versions 2 and 3, and SageMaker, which asks the same.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally (the JSON that it takes, and `/ping`, `/health`,
`/version`).
"""

from functools import partial
from typing import Any

import falcon
import falcon.asgi
import msgspec
from msgspec import UNSET, Raw, UnsetType

from serve.errors import Fault, InputError
from serve.formats import columns, declared, instances, json, split
from serve.formats.instances import Instances
from serve.predictor import Predictor
from serve.problems import Problem
from serve.protocols.query import asked
from serve.table import Rows, Table
from serve.work import Work

FORMATS = ("dataframe_split", "dataframe_records", "instances", "inputs")
EXPECTED = "an object with one of dataframe_split, dataframe_records, instances and inputs"
# https://mlflow.org/docs/latest/api_reference: databricks_pb2.ErrorCode, as its `error_code_to_http_status` maps them.
CODES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "ENDPOINT_NOT_FOUND", 500: "INTERNAL_ERROR"}


class Payload(msgspec.Struct):
    """One of these; `params` and any other member is ignored."""

    dataframe_split: split.Split | UnsetType = UNSET
    dataframe_records: list[dict[str, Any]] | UnsetType = UNSET
    instances: Instances | UnsetType = UNSET
    inputs: dict[str, Any] | Instances | UnsetType = UNSET


class Parts(msgspec.Struct):
    """The same, not yet read."""

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
        self.parts = msgspec.json.Decoder(Parts)
        typed = predictor.typed
        self.typed = dict(zip(FORMATS, (typed.split, typed.records, typed.instances, typed.instances), strict=True))

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Predict one row or many."""
        decode = declared.decoder(req, self.json, self.predictor.signature.columns)
        strict = asked(req, "strict")
        resp.content_type = falcon.MEDIA_JSON
        resp.data = await self.work.on(req, lambda content: self.predictor.answer(decode(content), strict))

    def json(self, content: bytes) -> Table | Rows:
        """The rows of a body in JSON."""
        general = partial(self.table, content)
        parts = json.attempt(content, self.parts)
        given = [name for name in FORMATS if getattr(parts, name) is not UNSET] if parts else []
        if len(given) != 1:
            return general()
        return self.typed[given[0]](getattr(parts, given[0]), general) or general()

    def table(self, content: bytes) -> Table:
        """The same, whatever the values are."""
        return table(json.decode(content, self.decoder, EXPECTED), self.predictor.names)


def table(payload: Payload, names: list[str]) -> Table:
    """The rows of whichever member there is.

    Raises:
        InputError: There is none or more than one, or what it has is no table.
    """
    given = [name for name in FORMATS if getattr(payload, name) is not UNSET]
    if len(given) != 1:
        raise InputError([Fault(f"expected {EXPECTED}, got {' and '.join(given) or 'none of them'}", "#")])
    at = f"#/{given[0]}"
    found = getattr(payload, given[0])
    if isinstance(found, split.Split):
        return split.table(found, at)
    return columns.table(found, names, at) if isinstance(found, dict) else instances.table(found, names, at)


def error(resp: falcon.asgi.Response, problem: Problem) -> None:
    """MLflow's `error_code` and `message`; it knows no 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    code = CODES.get(problem.status, "BAD_REQUEST")
    resp.data = msgspec.json.encode({"error_code": code, "message": problem.message()})
