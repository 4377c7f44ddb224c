"""Paths that belong to no protocol. Each resource translates between HTTP and what it was given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import falcon
import falcon.asgi
import msgspec

from alpenglow._serve.counting.exposition import CONTENT_TYPE
from alpenglow._serve.counting.metrics import Metrics

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
# The page's own files, and requests to this server: nothing inline, and nothing from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Text:
    """`GET /` and the health paths: the model is loaded before the first request can come in."""

    def __init__(self, text: str, media_type: str = falcon.MEDIA_TEXT) -> None:
        self.text = text
        self.media_type = media_type

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the text."""
        resp.content_type = self.media_type
        resp.text = self.text

    on_head = on_get


class Document:
    """JSON that is made when it is asked for, such as `GET /openapi.json`, which is seldom."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self.make = make

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer in JSON."""
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode(self.make())

    on_head = on_get


class Page:
    """`GET /docs`, and the files that the page is made of."""

    def __init__(self, path: Path) -> None:
        self.type = TYPES[path.suffix]
        self.content = path.read_bytes()

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer with the file, which may run and load nothing but its own kind."""
        resp.content_type = self.type
        resp.set_header("Content-Security-Policy", POLICY)
        resp.data = self.content

    on_head = on_get


class Exposition:
    """`GET /metrics`."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Answer in Prometheus' text format."""
        resp.content_type = CONTENT_TYPE
        resp.text = self.metrics.text()

    on_head = on_get
