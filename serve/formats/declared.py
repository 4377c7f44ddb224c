"""JSON or CSV, as a request declares it: what several protocols take."""

from collections.abc import Callable, Sequence
from functools import partial

import falcon.asgi

from alpenglow._serve import body
from alpenglow._serve.formats import csv
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Parts

Decode = Callable[[bytes], Parts]


def decoder(req: falcon.asgi.Request, json: Decode, columns: Sequence[Column]) -> Decode:
    """What makes a table of the request's body: `json`, unless it is declared to be CSV.

    Raises:
        falcon.HTTPUnsupportedMediaType: It is declared to be something else.
    """
    if body.media_type(req, body.JSON, body.CSV) == body.JSON:
        return json
    return partial(csv.decode, columns=columns, header=body.has_header(req))
