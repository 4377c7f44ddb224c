"""`/predict`: what the clients of the project that this one replaces send, and what pandas and spreadsheets write."""

from collections.abc import Callable
from typing import Any

import falcon
import falcon.asgi
import msgspec
from msgspec import Raw

from alpenglow._serve.errors import InputError
from alpenglow._serve.formats import declared, instances, json, records, split
from alpenglow._serve.formats.chunks import SYNTAX
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.predictor import Predictor, values
from alpenglow._serve.protocols.query import asked
from alpenglow._serve.signature import shares_among, whose
from alpenglow._serve.table import Parts
from alpenglow._serve.work import Work

EXPECTED = f"{split.EXPECTED} or {records.EXPECTED}"
EITHER = msgspec.json.Decoder(dict[str, Any] | list[Any])


def split_or_instances(content: Raw, typed: Typed, expected: str, at: str) -> Parts:
    """The rows of a split, or, as Vertex AI sends them to whatever path it is told, of `instances`.

    Raises:
        InputError: There are neither.
    """
    try:
        return split.parts(content, typed, expected, at)
    except InputError:
        members = json.members(content, at, typed.most)
        if "instances" not in members or "columns" in members:
            raise
        return instances.parts(members["instances"], typed, expected, f"{at}/instances")


READERS: dict[bytes, Callable[[Raw, Typed, str, str], Parts]] = {b"{": split_or_instances, b"[": records.parts}


class Predict:
    """`POST /predict`: split JSON, records or CSV to `{"predictions": [...]}`."""

    def __init__(self, predictor: Predictor, work: Work, usage: str) -> None:
        self.predictor = predictor
        self.work = work
        self.usage = usage
        self.shares = shares_among(predictor.model.outputs)
        self.classes = msgspec.json.encode(whose(predictor.signature, self.shares))

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Say what to post."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = self.usage

    on_head = on_get

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Predict one row or many; with `?probabilities=true`, how probable each class is, too."""
        others, strict = self.others(req), asked(req, "strict")
        decode = declared.decoder(req, self.json, self.predictor)
        resp.content_type = falcon.MEDIA_JSON
        (resp.data,) = await self.work.on(req, lambda content: self.answer(decode(content), strict, others))

    def answer(self, parts: Parts, strict: bool, others: list[str]) -> tuple[bytes]:
        """The predictions, and what else is asked for."""
        found = self.predictor.predict(parts, strict, others, [values] * (2 if others else 1)).outputs
        members = [b'"predictions":[%b]' % b",".join(found[0])]
        if others:
            members += [b'"probabilities":[%b]' % b",".join(found[1]), b'"classes":%b' % self.classes]
        return (b"{%b}" % b",".join(members),)

    def json(self, content: bytes) -> Parts:
        """The rows of a body in JSON."""
        found = json.decode(content, SYNTAX, EXPECTED)
        opening = json.opening(found)
        if opening not in READERS:
            json.piece(found, EITHER, EXPECTED, "#")  # raises
        return READERS[opening](found, self.predictor.typed, EXPECTED, "#")

    def others(self, req: falcon.asgi.Request) -> list[str]:
        """The outputs with the probabilities, if they are asked for.

        Raises:
            falcon.HTTPBadRequest: The model has none.
        """
        if not asked(req, "probabilities"):
            return []
        if not self.shares:
            raise falcon.HTTPBadRequest(description="this model has no probabilities: leave out ?probabilities=true")
        return self.shares
