"""The application: the one place where paths and parts meet."""

import falcon

from serve import problems, usage
from serve.errors import InputError, MalformedError
from serve.model import Model
from serve.resources import Health, Predict, Root
from serve.signature import Signature


class Service(falcon.App[falcon.Request, falcon.Response]):
    """A Falcon application that can say what it serves."""

    def __init__(self, signature: Signature) -> None:
        super().__init__()
        self.signature = signature


def create_app(model: Model, max_body: int) -> Service:
    """A WSGI application that serves a loaded model.

    Args:
        model: Loaded.
        max_body: The largest body of a request, in bytes.
    """
    app = Service(model.signature)
    app.set_error_serializer(problems.serialize)
    app.add_error_handler(InputError, problems.on_input_error)
    app.add_error_handler(MalformedError, problems.on_malformed)
    app.add_route("/", Root())
    app.add_route("/health/live", Health())
    app.add_route("/health/ready", Health())
    app.add_route("/predict", Predict(model, max_body, usage.instructions(model.signature)))
    return app
