"""JSON, JSON Lines or CSV, as a request declares it: what several protocols take."""

from collections.abc import Callable
from functools import partial

import falcon.asgi

from alpenglow._serve import body
from alpenglow._serve.formats import csv, lines
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.table import Parts

Decode = Callable[[bytes], Parts]


def decoder(req: falcon.asgi.Request, json: Decode, predictor: Predictor) -> Decode:
    """What makes a table of the request's body: `json`, unless it is declared to be something else.

    Raises:
        falcon.HTTPUnsupportedMediaType: It is declared to be what is not taken.
    """
    declared = body.media_type(req, body.JSON, body.CSV, *body.LINES)
    if declared == body.JSON:
        return json
    if declared == body.CSV:
        return partial(csv.decode, columns=predictor.signature.columns, header=body.has_header(req))
    return partial(lines.parts, typed=predictor.typed)
