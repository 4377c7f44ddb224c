"""The application in workers that are slow to begin."""

import time

from alpenglow._serve import asgi
from alpenglow._serve.app import Service

SECONDS = 2.0


def application() -> Service:
    """As `serve.asgi` makes it; each worker sleeps before it hears signals."""
    made, use = asgi.application(), Service.use

    def late(service: Service, slot: int) -> None:
        time.sleep(SECONDS)
        use(service, slot)

    Service.use = late  # type: ignore[method-assign]
    return made
