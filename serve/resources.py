"""The paths. Each resource translates between HTTP and what it was given; the work is done elsewhere."""

import falcon
import msgspec

from serve import body, split
from serve.model import Model
from serve.tensors import Tensors


class Root:
    """`GET /`: the answer that the seed's clients wait for."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer in plain text."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Service is running"

    on_head = on_get


class Health:
    """`GET /health/live` and `/health/ready`: the model is loaded before the first request can come in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer 200."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "OK"

    on_head = on_get


class Predict:
    """`POST /predict`: pandas' split JSON to `{"predictions": [...]}`."""

    def __init__(self, model: Model, max_body: int, usage: str) -> None:
        self.model = model
        self.tensors = Tensors(model.signature.columns)
        self.max_body = max_body
        self.usage = usage

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Say what to post."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = self.usage

    on_head = on_get

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Predict one row or many."""
        table = split.decode(body.read_json(req, self.max_body))
        predictions = self.model.predict(self.tensors.encode(table))
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode({"predictions": predictions.tolist()})
