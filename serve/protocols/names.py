"""The model's name and version in a path."""

from typing import Any

import falcon
import falcon.asgi
import msgspec

from alpenglow._serve.signature import Signature


def check_name(signature: Signature, name: str, version: str | None = None) -> None:
    """They are those of the one model that is served.

    Raises:
        falcon.HTTPNotFound: They are not.
    """
    if name != signature.name:
        raise falcon.HTTPNotFound(description=f"there is no model {name!r} here, but {signature.name!r}")
    if version not in (None, signature.version):
        raise falcon.HTTPNotFound(
            description=f"there is no version {version!r} of {name!r} here, but {signature.version!r}"
        )


class About:
    """`GET` of a path with the model's name: what is known of it, or that it is ready."""

    def __init__(self, signature: Signature, answer: dict[str, Any]) -> None:
        self.signature = signature
        self.answer = answer

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str, version: str | None = None
    ) -> None:
        """Answer in JSON."""
        check_name(self.signature, name, version)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode(self.answer)

    on_head = on_get
