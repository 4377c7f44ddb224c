"""What Gunicorn loads, once, before it forks."""

import asyncio
import gc
import os
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from alpenglow._serve.app import Service, create_app
from alpenglow._serve.model import MemoryLimitError, ModelError, load
from alpenglow._serve.process import kept
from alpenglow._serve.process.cgroup import Limits, limits
from alpenglow._serve.process.memory import bounded
from alpenglow._serve.process.settings import MIB, Settings, from_environment
from alpenglow._serve.usage import example
from alpenglow._serve.verification import BUDGET, UNVERIFIED, verify


def application() -> Service:
    """The application, as the environment has it.

    Raises:
        SystemExit: The model cannot be served; the message is one line.
    """
    there = limits()
    try:
        app = prepare(from_environment(os.environ, there), there.memory, there)
    except ModelError as error:
        sys.exit(f"serve: {error}")
    settle()
    return app


def prepare(settings: Settings, memory: int, there: Limits) -> Service:
    """Load the model into so many bytes, and verify it unless that is turned off.

    Raises:
        ModelError: It cannot be served, or answers otherwise here than was proved.
    """
    try:
        # While it loads there is a copy of the file in memory (serve/graph.py).
        with bounded(memory - (settings.model.stat().st_size if settings.model.is_file() else 0)):
            model = load(settings.model)
            if settings.model_name:
                model.signature = msgspec.structs.replace(model.signature, name=settings.model_name)
            verification = verify(model, settings.model, BUDGET) if settings.verify else UNVERIFIED
            app = create_app(model, settings, rooms=kept.rooms, verification=verification)
            rehearse(app, settings)
            return app
    except MemoryLimitError as error:
        raise ModelError(f"{error}: the limit is {there.memory // MIB} MiB") from error


def rehearse(app: Service, settings: Settings) -> None:
    """Answer a request that nobody has sent: the model's own example.

    Raises:
        ModelError: The model does not predict its example.
    """
    status, answer = ask(app, "POST", "/predict", example(app.signature.columns), settings.token)
    if status != 200:
        raise ModelError(f"{settings.model} does not predict its own example: {answer.decode()}")
    if app.metrics:
        app.metrics.forget()


def ask(app: Service, method: str, path: str, body: bytes = b"", token: str | None = None) -> tuple[int, bytes]:
    """The status and the body that the application answers to JSON, without a server."""
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(event: dict[str, Any]) -> None:
        answers.append(event)

    headers = {"content-type": "application/json", "content-length": str(len(body)), "authorization": f"Bearer {token}"}
    asyncio.run(app(scope(method, path, headers), receive, send))
    return answers[0]["status"], b"".join(event.get("body", b"") for event in answers)


def scope(method: str, path: str, headers: Mapping[str, str], query: str = "") -> dict[str, Any]:
    """What ASGI calls a request without its body."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": None,
        "client": None,
    }


def settle() -> None:
    """Give back what is no longer used, and keep collections off the rest.

    One in a worker would touch, and so copy, the pages that it shares with the master.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
