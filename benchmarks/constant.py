"""The same stack without a prediction: reads the same request and answers a constant."""

import os

import falcon

from serve import body
from serve.app import Service
from serve.cgroup import limits
from serve.model import load
from serve.settings import from_environment

ANSWER = b'{"predictions":[" <=50K"]}'


class Constant:
    """What every request costs at least."""

    def __init__(self, max_body: int) -> None:
        self.max_body = max_body

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Read everything, compute nothing."""
        body.media_type(req, body.JSON)
        body.read(req, self.max_body)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = ANSWER


def application() -> Service:
    """The application for Gunicorn; the model is loaded, so that memory is the same."""
    settings = from_environment(os.environ, limits())
    app = Service(load(settings.model).signature)
    app.add_route("/predict", Constant(settings.max_body))
    return app
