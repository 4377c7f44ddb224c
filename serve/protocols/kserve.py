"""`/v1/models/...`: the first protocol of KServe, and of TensorFlow Serving.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from typing import Any

import falcon
import falcon.asgi
import msgspec
from msgspec import Raw

from alpenglow._serve import body
from alpenglow._serve.formats import instances, json
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.problems import Problem
from alpenglow._serve.protocols.names import check_name
from alpenglow._serve.protocols.query import asked
from alpenglow._serve.signature import Signature
from alpenglow._serve.table import Parts
from alpenglow._serve.work import Work

EXPECTED = '{"instances": [...]}, each an array or an object'


class Payload(msgspec.Struct):
    """Rows in the order of the signature's columns, or records; not yet read."""

    instances: Raw


class Predict:
    """`POST /v1/models/{name}:predict`."""

    def __init__(self, predictor: Predictor, work: Work) -> None:
        self.predictor = predictor
        self.work = work
        self.decoder = msgspec.json.Decoder(Payload)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        """Predict one row or many."""
        check_name(self.predictor.signature, name)
        body.media_type(req, body.JSON)
        strict = asked(req, "strict")
        resp.content_type = falcon.MEDIA_JSON
        (resp.data,) = await self.work.on(req, lambda content: self.predictor.answer(self.json(content), strict))

    def json(self, content: bytes) -> Parts:
        """The rows."""
        whole = json.decode(content, SYNTAX, EXPECTED)
        found = json.envelope(whole, self.decoder, EXPECTED, "#", self.predictor.typed.most)
        return instances.parts(found.instances, self.predictor.typed, EXPECTED, "#/instances")


def status(signature: Signature) -> dict[str, Any]:
    """What `GET /v1/models/{name}` answers: `ready` is KServe's, `model_version_status` TensorFlow Serving's."""
    version = {"version": signature.version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return {"name": signature.name, "ready": True, "model_version_status": [version]}


def error(resp: falcon.asgi.Response, problem: Problem) -> None:
    """`{"error": "..."}`, of the second protocol as well; neither knows a 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = msgspec.json.encode({"error": problem.message()})
