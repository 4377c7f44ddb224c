"""The application with a fault of its own: no prediction succeeds."""

from typing import Any

from alpenglow._serve import asgi
from alpenglow._serve.app import Service
from alpenglow._serve.predictor import Predictor


def application() -> Service:
    """As `serve.asgi` makes it, and broken once it has predicted its example."""
    made = asgi.application()

    def fail(*_: Any) -> bytes:
        raise RuntimeError("a fault")

    Predictor.answer = Predictor.predict = fail  # type: ignore[method-assign,assignment]
    return made
