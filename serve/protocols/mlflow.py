"""`/invocations` and what goes with it: MLflow's scoring server, versions 2 and 3, and SageMaker, which asks the same.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally (the JSON that it takes, and `/ping`, `/health`,
`/version`).
"""

from typing import Any

import falcon
import msgspec
from msgspec import UNSET, UnsetType

from serve import body
from serve.errors import Fault, InputError
from serve.formats import columns, csv, instances, json, split
from serve.formats.instances import Instances
from serve.predictor import Predictor
from serve.problems import Problem
from serve.protocols.query import asked
from serve.table import Table

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


class Invocations:
    """`POST /invocations`."""

    def __init__(self, predictor: Predictor, max_body: int) -> None:
        self.predictor = predictor
        self.max_body = max_body
        self.decoder = msgspec.json.Decoder(Payload)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Predict one row or many."""
        predictions = self.predictor.predict(self.table(req), asked(req, "strict"))[0]
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode({"predictions": predictions.tolist()})

    def table(self, req: falcon.Request) -> Table:
        """The rows, in any of the formats."""
        if body.media_type(req, body.JSON, body.CSV) == body.CSV:
            signature = self.predictor.signature
            return csv.decode(body.read(req, self.max_body), signature.columns, body.has_header(req))
        payload = json.decode(body.read(req, self.max_body), self.decoder, EXPECTED)
        return table(payload, self.predictor.names)


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


def error(resp: falcon.Response, problem: Problem) -> None:
    """MLflow's `error_code` and `message`; it knows no 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    code = CODES.get(problem.status, "BAD_REQUEST")
    resp.data = msgspec.json.encode({"error_code": code, "message": problem.message()})
