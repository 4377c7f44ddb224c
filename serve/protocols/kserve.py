"""`/v1/models/...`: the first protocol of KServe, and of TensorFlow Serving.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from collections.abc import Sequence
from typing import Any

import falcon
import falcon.asgi
import msgspec
from msgspec import UNSET, Raw, UnsetType

from alpenglow._serve import body
from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.formats import columns, instances, json
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.formats.datatypes import DATATYPES, output_datatype
from alpenglow._serve.model import Model
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.problems import Problem
from alpenglow._serve.protocols.names import check_name
from alpenglow._serve.protocols.query import asked
from alpenglow._serve.signature import Signature
from alpenglow._serve.table import Parts
from alpenglow._serve.work import Work

EXPECTED = '{"instances": [...]}, each an array or an object, or {"inputs": {"...": [...], ...}}'
TENSORFLOW = {"FP64": "DT_DOUBLE", "BOOL": "DT_BOOL", "BYTES": "DT_STRING", "INT64": "DT_INT64"}


class Payload(msgspec.Struct):
    """Rows in the order of the signature's columns, or records; or columns; not yet read. `parameters` is ignored."""

    instances: Raw | UnsetType = UNSET
    inputs: Raw | UnsetType = UNSET


class Predict:
    """`POST /v1/models/{name}:predict`, and the same with a version."""

    def __init__(self, predictor: Predictor, work: Work) -> None:
        self.predictor = predictor
        self.work = work
        self.decoder = msgspec.json.Decoder(Payload)

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str, version: str | None = None
    ) -> None:
        """Predict one row or many."""
        check_name(self.predictor.signature, name, version)
        body.media_type(req, body.JSON)
        strict = asked(req, "strict")
        resp.content_type = falcon.MEDIA_JSON
        (resp.data,) = await self.work.on(req, lambda content: self.answer(content, strict))

    def answer(self, content: bytes, strict: bool) -> tuple[bytes]:
        """`predictions` of instances, `outputs` of inputs."""
        parts, member = self.table(content)
        return self.predictor.answer(parts, strict, member)

    def table(self, content: bytes) -> tuple[Parts, str]:
        """The rows, and what their predictions are called.

        Raises:
            InputError: There are neither instances nor inputs or both, or they are no table.
        """
        whole = json.decode(content, SYNTAX, EXPECTED)
        typed = self.predictor.typed
        found = json.envelope(whole, self.decoder, EXPECTED, "#", typed.most)
        if found.inputs is UNSET and found.instances is not UNSET:
            return instances.parts(found.instances, typed, EXPECTED, "#/instances"), "predictions"
        if found.inputs is not UNSET and found.instances is UNSET:
            read = columns.parts if json.opening(found.inputs) == b"{" else instances.parts
            return read(found.inputs, typed, EXPECTED, "#/inputs"), "outputs"
        raise InputError([Fault(f"expected {EXPECTED}, got {'neither' if found.inputs is UNSET else 'both'}", "#")])


def status(signature: Signature) -> dict[str, Any]:
    """What `GET /v1/models/{name}` answers: `ready` is KServe's, `model_version_status` TensorFlow Serving's."""
    version = {"version": signature.version, "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return {"name": signature.name, "ready": True, "model_version_status": [version]}


def metadata(model: Model) -> dict[str, Any]:
    """What TensorFlow Serving answers to `GET /v1/models/{name}/metadata`, as far as there is such a thing here."""
    signature = model.signature
    inputs = {column.name: about(DATATYPES[column.type], [-1]) for column in signature.columns}
    named = {
        name: about(output_datatype(name, signature), shape)
        for name, shape in model.outputs.items()
        if name == model.answer
    }
    return {
        "model_spec": {"name": signature.name, "signature_name": "", "version": signature.version},
        "metadata": {"signature_def": {"signature_def": {"serving_default": {"inputs": inputs, "outputs": named}}}},
    }


def about(datatype: str, shape: Sequence[int]) -> dict[str, Any]:
    """A tensor as TensorFlow Serving describes it."""
    dimensions = [{"size": str(extent), "name": ""} for extent in shape]
    return {"dtype": TENSORFLOW[datatype], "tensor_shape": {"dim": dimensions, "unknown_rank": False}, "name": ""}


def error(resp: falcon.asgi.Response, problem: Problem) -> None:
    """`{"error": "..."}`, of the second protocol as well; neither knows a 422."""
    resp.status = 400 if problem.status == 422 else problem.status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = msgspec.json.encode({"error": problem.message()})
