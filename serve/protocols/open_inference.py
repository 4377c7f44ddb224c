"""`/v2/...`: the Open Inference Protocol, which KServe, Triton and MLServer speak, with binary tensor data.

https://github.com/kserve/open-inference-protocol, and Triton's `extension_binary_data.md` for the binary form.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import falcon
import falcon.asgi
import msgspec
from msgspec import Raw
from numpy.typing import NDArray

from alpenglow import __version__
from alpenglow._serve import body
from alpenglow._serve.errors import Fault, InputError, shown
from alpenglow._serve.formats import json, tensors
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.formats.datatypes import DATATYPES, output_datatype, to_bytes
from alpenglow._serve.formats.tensors import BINARY, JSON_LENGTH
from alpenglow._serve.model import Model
from alpenglow._serve.predictor import Predictor, values
from alpenglow._serve.protocols.names import check_name
from alpenglow._serve.protocols.query import asked
from alpenglow._serve.signature import Signature
from alpenglow._serve.work import Work

EXPECTED = '{"inputs": [{"name": "...", "shape": [...], "datatype": "...", "data": [...]}, ...]}'


class OutputParameters(msgspec.Struct):
    """Whether it is to come as bytes, and what Triton has and we have not. Others are ignored."""

    binary_data: bool | None = None
    classification: Any = None


class Output(msgspec.Struct):
    """An output that is asked for."""

    name: str
    parameters: OutputParameters | None = None


class RequestParameters(msgspec.Struct):
    """Whether outputs come as bytes where they do not say it themselves, and MLServer's codec. Others are ignored."""

    binary_data_output: bool | None = None
    content_type: str | None = None


class Request(msgspec.Struct):
    """What is posted to `infer`."""

    inputs: list[tensors.Tensor]
    id: str | None = None
    outputs: list[Output] | None = None
    parameters: RequestParameters | None = None


class Answer(msgspec.Struct, omit_defaults=True):
    """What comes back."""

    model_name: str
    model_version: str
    outputs: list[dict[str, Any]]
    id: str | None = None


class Infer:
    """`POST /v2/models/{name}/infer`."""

    def __init__(self, predictor: Predictor, work: Work) -> None:
        self.predictor = predictor
        self.work = work
        self.decoder = msgspec.json.Decoder(Request)

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str, version: str | None = None
    ) -> None:
        """Predict, and answer as JSON or, where that is asked for, as JSON and bytes."""
        check_name(self.predictor.signature, name, version)
        body.media_type(req, body.JSON, BINARY)
        strict, length = asked(req, "strict"), req.get_header(JSON_LENGTH)
        head, binary = await self.work.on(req, lambda content: self.answer(*parts(content, length), strict))
        resp.content_type = BINARY if binary else falcon.MEDIA_JSON
        if binary:
            resp.set_header(JSON_LENGTH, str(len(head)))
        resp.data = head + binary

    def request(self, content: Raw) -> Request:
        """The request, no member of which is given twice.

        Raises:
            InputError: It is none.
        """
        most = self.predictor.typed.most
        members = json.members(content, "#", most) if json.opening(content) == b"{" else {}
        request = json.piece(content, self.decoder, EXPECTED, "#")
        check_unique(members, most)
        return request

    def answer(self, content: bytes, binary: bytes, strict: bool) -> tuple[bytes, bytes]:
        """The answer's JSON and the bytes behind it."""
        signature, model = self.predictor.signature, self.predictor.model
        request = self.request(json.decode(content, SYNTAX, EXPECTED))
        check_codec(request)
        wanted = request.outputs or [Output(output) for output in model.outputs]
        check_outputs(wanted, list(model.outputs))
        others = [output.name for output in wanted if output.name != model.answer]
        as_bytes = bool(request.parameters and request.parameters.binary_data_output)
        binaries = {output.name: is_binary(output, as_bytes) for output in wanted}
        names = [model.answer, *others]
        writes = [to_bytes if binaries.get(name) else flat for name in names]
        found = self.predictor.predict(tensors.parts(request.inputs, binary, signature.columns), strict, others, writes)
        contents = dict(zip(names, found.outputs, strict=True))
        shapes = {name: [found.rows, *array.shape[1:]] for name, array in zip(names, found.last, strict=True)}
        outputs = [
            tensor(output, signature, shapes[output.name], contents[output.name], binaries[output.name])
            for output in wanted
        ]
        head = Answer(signature.name, signature.version, [output for output, _ in outputs], request.id)
        return msgspec.json.encode(head), b"".join(content for _, content in outputs)


def check_unique(members: Mapping[str, Raw], most: int) -> None:
    """No member of an input is given twice.

    Raises:
        InputError: One is.
    """
    for at, each in enumerate(json.ROWS.decode(members["inputs"])):
        json.members(each, f"#/inputs/{at}", most)


def server_metadata() -> dict[str, Any]:
    """What `GET /v2` answers."""
    return {"name": "alpenglow", "version": __version__, "extensions": ["binary_tensor_data"]}


def model_metadata(model: Model) -> dict[str, Any]:
    """What `GET /v2/models/{name}` answers: its tensors, -1 standing for the number of rows."""
    signature = model.signature
    return {
        "name": signature.name,
        "versions": [signature.version],
        "platform": "onnxruntime_onnx",
        "inputs": [
            {"name": column.name, "datatype": DATATYPES[column.type], "shape": [-1, 1]} for column in signature.columns
        ],
        "outputs": [
            {"name": name, "datatype": output_datatype(name, signature), "shape": shape}
            for name, shape in model.outputs.items()
        ],
    }


def parts(content: bytes, length: str | None) -> tuple[bytes, bytes]:
    """A body's JSON, and what follows it.

    Args:
        content: The body.
        length: How long the JSON is, as the header says it; None: it is all of it.

    Raises:
        InputError: The length is no number, or larger than the body.
    """
    if length is None:
        return content, b""
    if not (length.isascii() and length.isdigit() and len(length) < 20 and int(length) <= len(content)):
        raise InputError([Fault(f"{JSON_LENGTH} is {length!r}, expected a number of at most {len(content)} bytes")])
    return content[: int(length)], content[int(length) :]


def check_outputs(wanted: Sequence[Output], known: Sequence[str]) -> None:
    """They are the model's.

    Raises:
        InputError: Names those that are not, or what cannot be done with them.
    """
    seen = set()
    for at, output in enumerate(wanted):
        if output.name in seen:
            raise InputError([Fault(f"output {output.name!r} is asked for more than once", f"#/outputs/{at}/name")])
        seen.add(output.name)
        if output.name not in known:
            detail = f"there is no output {output.name!r}: expected {' or '.join(known)}"
            raise InputError([Fault(detail, f"#/outputs/{at}/name")])
        if output.parameters and output.parameters.classification:
            detail = f"output {output.name!r}: Triton's classification is not done here: ask for probabilities"
            raise InputError([Fault(detail, f"#/outputs/{at}/parameters")])


def check_codec(request: Request) -> None:
    """What MLServer's clients say of the whole request is what is done here: each input is a column, or all of them.

    Raises:
        InputError: It is something else.
    """
    codec = request.parameters.content_type if request.parameters else None
    if codec not in (None, "pd") and (codec not in ("np", "str") or len(request.inputs) > 1):
        detail = f"expected the content_type pd, or np or str for one input alone, got {shown(codec)}"
        raise InputError([Fault(detail, "#/parameters/content_type")])


def is_binary(output: Output, as_bytes: bool) -> bool:
    """Whether an output is to come as bytes, where the request says that of all, or not."""
    own = output.parameters.binary_data if output.parameters else None
    return as_bytes if own is None else own


def flat(array: NDArray[Any]) -> bytes:
    """An output's elements as JSON, row by row, with commas between."""
    return values(array.ravel())


def tensor(
    output: Output, signature: Signature, shape: Sequence[int], pieces: Sequence[bytes], binary: bool
) -> tuple[dict[str, Any], bytes]:
    """An output as the protocol has it, and its bytes if it is to be binary."""
    head = {"name": output.name, "datatype": output_datatype(output.name, signature), "shape": shape}
    if not binary:
        return head | {"data": Raw(b"[%b]" % b",".join(pieces))}, b""
    content = b"".join(pieces)
    return head | {"parameters": {"binary_data_size": len(content)}}, content
