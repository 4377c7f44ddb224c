"""What Gunicorn serves in the same stack instead of the service, to compare with."""

import os

import falcon
import falcon.asgi

from alpenglow._serve import body
from alpenglow._serve.app import Service
from alpenglow._serve.model import Model, load
from alpenglow._serve.process.cgroup import limits
from alpenglow._serve.process.room import Room, Rooms
from alpenglow._serve.process.settings import Settings, from_environment

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


def constant() -> Service:
    """It reads the same request and answers a constant; the model is loaded, so that memory is the same."""
    model, settings = loaded()
    return alone(model, Constant(settings.max_body))


def loaded() -> tuple[Model, Settings]:
    """As the environment has them."""
    settings = from_environment(os.environ, limits())
    return load(settings.model), settings


def alone(model: Model, resource: Constant) -> Service:
    """One path and nothing else."""
    app = Service(model.signature, Rooms(Room(0), Room(0)))
    app.add_route("/predict", resource)
    return app
