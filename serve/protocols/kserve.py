"""`/v1/models/...`: the first protocol of KServe, and of TensorFlow Serving.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from typing import Any

import falcon
import msgspec

from serve import body
from serve.formats import instances, json
from serve.formats.instances import Instances
from serve.predictor import Predictor
from serve.problems import Problem
from serve.protocols.names import check_name
from serve.protocols.query import asked
from serve.signature import Signature

EXPECTED = '{"instances": [...]}, each an array or an object'


class Payload(msgspec.Struct):
    """Rows in the order of the signature's columns, or records."""

    instances: Instances


class Predict:
    """`POST /v1/models/{name}:predict`."""

    def __init__(self, predictor: Predictor, max_body: int) -> None:
        self.predictor = predictor
        self.max_body = max_body
        self.decoder = msgspec.json.Decoder(Payload)

    def on_post(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """Predict one row or many."""
        check_name(self.predictor.signature, name)
        body.media_type(req, body.JSON)
        payload = json.decode(body.read(req, self.max_body), self.decoder, EXPECTED)
        table = instances.table(payload.instances, self.predictor.names, "#/instances")
        predictions = self.predictor.predict(table, asked(req, "strict"))[0]
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode({"predictions": predictions.tolist()})


def status(signature: Signature) -> dict[str, Any]:
    """What `GET /v1/models/{name}` answers: `ready` is KServe's, `model_version_status` TensorFlow Serving's."""
    version = {"version": signature.version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return {"name": signature.name, "ready": True, "model_version_status": [version]}


def error(resp: falcon.Response, problem: Problem) -> None:
    """`{"error": "..."}`, of the second protocol as well; neither knows a 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = msgspec.json.encode({"error": problem.message()})
