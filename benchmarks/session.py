"""The same stack with the session and nothing else: as fast as a prediction could be."""

import os

import falcon
import msgspec

from benchmarks.constant import Constant
from serve.app import Service
from serve.cgroup import limits
from serve.formats import split
from serve.inputs import Inputs
from serve.model import Model, load
from serve.settings import from_environment
from serve.usage import example


class Session(Constant):
    """What the graph and the stack cost together."""

    def __init__(self, model: Model, max_body: int) -> None:
        super().__init__(max_body)
        self.model = model
        row = msgspec.json.decode(example(model.signature.columns), type=split.Split)
        self.inputs = Inputs(model.signature.columns).encode(split.table(row)).inputs

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Read everything, predict the model's own example."""
        super().on_post(req, resp)
        self.model.predict(self.inputs, [self.model.answer])


def application() -> Service:
    """The application for Gunicorn."""
    settings = from_environment(os.environ, limits())
    model = load(settings.model)
    app = Service(model.signature)
    app.add_route("/predict", Session(model, settings.max_body))
    return app
