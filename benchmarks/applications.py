"""What Gunicorn serves in the same stack instead of the service, to compare with: an application for each."""

import os
from typing import Any

import falcon
import falcon.asgi
from numpy.typing import NDArray

from alpenglow._serve import body
from alpenglow._serve.app import Service, create_app
from alpenglow._serve.asgi import settle
from alpenglow._serve.model import Model, load
from alpenglow._serve.process.cgroup import limits
from alpenglow._serve.process.room import Room, Rooms
from alpenglow._serve.process.settings import Settings, from_environment
from alpenglow._serve.usage import example
from benchmarks.inputs import values

ANSWER = b'{"predictions":[" <=50K"]}'


class Constant:
    """What every request costs at least."""

    def __init__(self, max_body: int) -> None:
        self.max_body = max_body

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Read everything, compute nothing."""
        body.media_type(req, body.JSON)
        await body.read(req, self.max_body)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = ANSWER


class Session(Constant):
    """What the graph costs, too: as fast as a prediction could be."""

    def __init__(self, model: Model, max_body: int) -> None:
        super().__init__(max_body)
        self.model = model
        self.values: dict[str, NDArray[Any]] = values(model, example(model.signature.columns))

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Read everything, predict the model's own example."""
        await super().on_post(req, resp)
        self.model.predict(self.values, [self.model.answer])


def constant() -> Service:
    """It reads the same request and answers a constant; the model is loaded, so that memory is the same."""
    model, settings = loaded()
    return alone(model, Constant(settings.max_body))


def session() -> Service:
    """It reads the same request and predicts another."""
    model, settings = loaded()
    return alone(model, Session(model, settings.max_body))


def unmetered() -> Service:
    """The service without its metrics."""
    app = create_app(*loaded(), metered=False)
    settle()
    return app


def loaded() -> tuple[Model, Settings]:
    """As the environment has them."""
    settings = from_environment(os.environ, limits())
    return load(settings.model), settings


def alone(model: Model, resource: Constant) -> Service:
    """One path and nothing else."""
    app = Service(model.signature, Rooms(Room(0), Room(0)))
    app.add_route("/predict", resource)
    return app
