"""`/predict`: what the clients of the project that this one replaces send, and what pandas and spreadsheets write."""

from functools import partial
from typing import Any

import falcon
import falcon.asgi
import msgspec

from serve.formats import declared, json, records, split
from serve.predictor import Predictor
from serve.protocols.query import asked
from serve.table import Rows, Table
from serve.work import Work

EXPECTED = f"{split.EXPECTED} or {records.EXPECTED}"


class Predict:
    """`POST /predict`: split JSON, records or CSV to `{"predictions": [...]}`."""

    def __init__(self, predictor: Predictor, work: Work, usage: str) -> None:
        self.predictor = predictor
        self.work = work
        self.usage = usage
        self.decoder = msgspec.json.Decoder(split.Split | list[dict[str, Any]])

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Say what to post."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = self.usage

    on_head = on_get

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Predict one row or many; with `?probabilities=true`, how probable each class is, too."""
        others, strict = self.others(req), asked(req, "strict")
        decode = declared.decoder(req, self.json, self.predictor.signature.columns)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = await self.work.on(req, lambda content: self.answer(decode(content), strict, others))

    def answer(self, table: Table | Rows, strict: bool, others: list[str]) -> bytes:
        """The predictions, and what else is asked for."""
        found = self.predictor.predict(table, strict, others)
        answer: dict[str, Any] = {"predictions": found[0].tolist()}
        if others:
            answer |= {"probabilities": found[1].tolist(), "classes": self.predictor.signature.classes}
        return msgspec.json.encode(answer)

    def json(self, content: bytes) -> Table | Rows:
        """The rows of a body in JSON."""
        general = partial(self.table, content)
        typed = self.predictor.typed
        return (typed.records if content[:1] == b"[" else typed.split)(content, general) or general()

    def table(self, content: bytes) -> Table:
        """The same, whatever the values are."""
        found = json.decode(content, self.decoder, EXPECTED)
        return split.table(found) if isinstance(found, split.Split) else records.table(found, self.predictor.names)

    def others(self, req: falcon.asgi.Request) -> list[str]:
        """The output with the probabilities, if it is asked for.

        Raises:
            falcon.HTTPBadRequest: The model has none.
        """
        if not asked(req, "probabilities"):
            return []
        if "probabilities" not in self.predictor.model.outputs:
            raise falcon.HTTPBadRequest(description="this model has no probabilities: leave out ?probabilities=true")
        return ["probabilities"]
