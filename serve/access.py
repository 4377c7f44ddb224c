"""Who may predict: where a token is set, whoever sends it (RFC 6750)."""

from hmac import compare_digest
from typing import Any

import falcon
import falcon.asgi


class BearerToken:
    """Middleware that wants `Authorization: Bearer TOKEN` for each POST; all that predicts is one, and nothing else."""

    def __init__(self, token: str) -> None:
        self.token = token.encode()

    async def process_resource(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: Any, params: Any
    ) -> None:
        """Let a request pass, or not.

        Raises:
            falcon.HTTPUnauthorized: It has no token, or another one.
        """
        if req.method != "POST":
            return
        scheme, _, given = (req.auth or "").partition(" ")
        if scheme.lower() != "bearer":
            raise falcon.HTTPUnauthorized(
                description="predictions want a token: send Authorization: Bearer ...", challenges=["Bearer"]
            )
        # In constant time: the answer's delay tells nothing of how much was right.
        if not compare_digest(given.strip().encode("latin-1"), self.token):
            raise falcon.HTTPUnauthorized(
                description="this is not the token that predictions want", challenges=['Bearer error="invalid_token"']
            )
