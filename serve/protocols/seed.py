"""`/predict`: what the clients of the project that this one replaces send, and what pandas and spreadsheets write."""

from typing import Any

import falcon
import msgspec

from serve import body
from serve.formats import csv, json, records, split
from serve.predictor import Predictor
from serve.protocols.query import asked
from serve.table import Table

EXPECTED = f"{split.EXPECTED} or {records.EXPECTED}"


class Predict:
    """`POST /predict`: split JSON, records or CSV to `{"predictions": [...]}`."""

    def __init__(self, predictor: Predictor, max_body: int, usage: str) -> None:
        self.predictor = predictor
        self.max_body = max_body
        self.usage = usage
        self.decoder = msgspec.json.Decoder(split.Split | list[dict[str, Any]])

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Say what to post."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = self.usage

    on_head = on_get

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Predict one row or many; with `?probabilities=true`, how probable each class is, too."""
        others = self.others(req)
        found = self.predictor.predict(self.table(req), asked(req, "strict"), others)
        answer: dict[str, Any] = {"predictions": found[0].tolist()}
        if others:
            answer |= {"probabilities": found[1].tolist(), "classes": self.predictor.signature.classes}
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode(answer)

    def table(self, req: falcon.Request) -> Table:
        """The rows, in any of the formats."""
        if body.media_type(req, body.JSON, body.CSV) == body.CSV:
            columns = self.predictor.signature.columns
            return csv.decode(body.read(req, self.max_body), columns, body.has_header(req))
        found = json.decode(body.read(req, self.max_body), self.decoder, EXPECTED)
        return split.table(found) if isinstance(found, split.Split) else records.table(found, self.predictor.names)

    def others(self, req: falcon.Request) -> list[str]:
        """The output with the probabilities, if it is asked for.

        Raises:
            falcon.HTTPBadRequest: The model has none.
        """
        if not asked(req, "probabilities"):
            return []
        if "probabilities" not in self.predictor.model.outputs:
            raise falcon.HTTPBadRequest(description="this model has no probabilities: leave out ?probabilities=true")
        return ["probabilities"]
