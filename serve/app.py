"""The application: the one place where paths and parts meet."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import falcon
import falcon.asgi
from falcon.middleware import CORSMiddleware

from alpenglow import __version__
from alpenglow._serve import problems, usage
from alpenglow._serve.access import BearerToken
from alpenglow._serve.body import Receive, arriving
from alpenglow._serve.card import card
from alpenglow._serve.compression import Compression
from alpenglow._serve.counting.metrics import Metrics, Timing
from alpenglow._serve.model import Model
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.process.room import Room, Rooms
from alpenglow._serve.process.settings import Settings, growth
from alpenglow._serve.protocols import kserve, mlflow, open_inference, seed
from alpenglow._serve.protocols.names import About
from alpenglow._serve.resources import Document, Exposition, Page, Text
from alpenglow._serve.signature import Signature
from alpenglow._serve.verification import UNVERIFIED, Verification
from alpenglow._serve.work import Work

PAGE = Path(__file__).with_name("page")
METRICS = "/metrics"


class Service(falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]):
    """A Falcon application that can say what it serves, and how often."""

    def __init__(
        self,
        signature: Signature,
        rooms: Rooms,
        metrics: Metrics | None = None,
        verification: Verification = UNVERIFIED,
    ) -> None:
        super().__init__()
        self.signature = signature
        self.verification = verification
        self.rooms = rooms
        self.metrics = metrics

    def use(self, slot: int) -> None:
        """Serve in a worker; no other that lives has the same slot."""
        self.rooms.use(slot)
        if self.metrics:
            self.metrics.use(slot)

    async def __call__(  # type: ignore[override]  # Falcon's own application differs from its base in the same way
        self, scope: dict[str, Any], receive: Receive, send: Callable[..., Any]
    ) -> None:
        """Answer a request, as ASGI has it."""
        scope["came"] = time.perf_counter()
        scope["held"] = 0
        try:
            await super().__call__(scope, arriving(receive), send)
        finally:
            if scope["held"]:
                self.rooms.passing.leave(scope["held"])


def create_app(
    model: Model,
    settings: Settings,
    rooms: Rooms | None = None,
    verification: Verification = UNVERIFIED,
) -> Service:
    """An ASGI application that serves a loaded model.

    Args:
        model: Loaded.
        settings: Its limits, and the token if it has one.
        rooms: Memory for what is in hand; None: for one request.
        verification: What became of the model's witnesses.
    """
    predictor = Predictor(model, settings.max_rows, settings.max_answer)
    rooms = rooms or Rooms(Room(settings.passing), Room(growth(settings.max_body)))
    work = Work(settings.max_body, rooms)
    routes = {
        **platform(predictor, work, settings),  # if it has chosen a path that there is, that answers
        **own(predictor, work, settings, verification),
        **protocols(predictor, work),
        **{f"/docs/{path.name}": Page(path) for path in sorted(PAGE.iterdir()) if path.suffix in {".css", ".js"}},
    }
    metrics = predictor.metrics = Metrics(model.signature, [*routes, METRICS])
    routes[METRICS] = Exposition(metrics)
    app = Service(model.signature, rooms, metrics, verification)
    app.add_middleware(Timing(metrics))
    app.add_middleware(Compression())
    if settings.origins:
        app.add_middleware(CORSMiddleware("*" if settings.origins == ("*",) else settings.origins))
    if settings.token:
        app.add_middleware(BearerToken(settings.token))
    for path, resource in routes.items():
        app.add_route(path, resource)
    problems.add_handlers(app, {"invocations": mlflow.error, "v1": kserve.error, "v2": kserve.error})
    return app


def own(predictor: Predictor, work: Work, settings: Settings, verification: Verification) -> dict[str, Any]:
    """Paths that other servers do not have, but the seed's."""
    model = predictor.model
    return {
        "/": Document(lambda: {"status": "alive"}),  # as KServe's client wants it
        "/health/live": Text("OK"),
        "/health/ready": Text("OK"),
        "/predict": seed.Predict(predictor, work, usage.instructions(model.signature)),
        "/model": Document(lambda: card(model, settings, verification)),
        "/openapi.json": Document(lambda: description(model, settings)),
        "/docs": Page(PAGE / "index.html"),
    }


def description(model: Model, settings: Settings) -> dict[str, Any]:
    """The OpenAPI document. What makes it takes 0.8 MB, which a worker has only once it is asked."""
    from alpenglow._serve import openapi

    return openapi.document(
        model.signature, list(model.outputs), settings.max_body, settings.max_rows, bool(settings.token)
    )


def protocols(predictor: Predictor, work: Work) -> dict[str, Any]:
    """MLflow's and SageMaker's paths, and both of KServe's protocols."""
    model = predictor.model
    name = model.signature.name
    metadata = About(model.signature, open_inference.model_metadata(model))
    ready = About(model.signature, {"name": name, "ready": True})
    alive = Text("\n", falcon.MEDIA_JSON)  # as MLflow does
    infer = open_inference.Infer(predictor, work)
    status = About(model.signature, kserve.status(model.signature))
    described = About(model.signature, kserve.metadata(model))
    predict = kserve.Predict(predictor, work)
    server = Document(open_inference.server_metadata)
    return {
        "/invocations": mlflow.Invocations(predictor, work),
        "/ping": alive,
        "/health": alive,
        "/version": Text(__version__),
        "/v1/models": Document(lambda: {"models": [name]}),
        "/v1/models/{name}": status,
        "/v1/models/{name}/metadata": described,
        "/v1/models/{name}:predict": predict,
        "/v1/models/{name}/versions/{version}": status,
        "/v1/models/{name}/versions/{version}/metadata": described,
        "/v1/models/{name}/versions/{version}:predict": predict,
        "/v2": server,
        "/v2/": server,
        "/v2/health/live": Document(lambda: {"live": True}),
        "/v2/health/ready": Document(lambda: {"ready": True}),
        "/v2/models/{name}": metadata,
        "/v2/models/{name}/ready": ready,
        "/v2/models/{name}/infer": infer,
        "/v2/models/{name}/versions/{version}": metadata,
        "/v2/models/{name}/versions/{version}/ready": ready,
        "/v2/models/{name}/versions/{version}/infer": infer,
    }


def platform(predictor: Predictor, work: Work, settings: Settings) -> dict[str, Any]:
    """Paths that a platform prescribes."""
    routes = {settings.health_route: Text("OK"), settings.predict_route: mlflow.Invocations(predictor, work)}
    return {path: resource for path, resource in routes.items() if path}
