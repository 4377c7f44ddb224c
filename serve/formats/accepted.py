"""Predictions in the form that a client accepts: JSON, JSON Lines or CSV, as SageMaker's clients ask for them."""

import csv
import io
from typing import Any

import falcon
import falcon.asgi
import msgspec
from numpy.typing import NDArray

from alpenglow._serve import body
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.signature import spelled
from alpenglow._serve.table import Parts

FORMS = (falcon.MEDIA_JSON, body.CSV, *body.LINES)
LINE = msgspec.json.Encoder()


def form(req: falcon.asgi.Request) -> str:
    """The one that is accepted most; JSON where none of these is, as for those who say nothing."""
    if req.accept in ("*/*", falcon.MEDIA_JSON):
        return falcon.MEDIA_JSON
    return req.client_prefers(FORMS) or falcon.MEDIA_JSON


def answer(predictor: Predictor, parts: Parts, strict: bool, form: str) -> tuple[bytes]:
    """One prediction for each row: `{"predictions": [...]}`, or a line for each."""
    if form == falcon.MEDIA_JSON:
        return predictor.answer(parts, strict)
    (pieces,) = predictor.predict(parts, strict, writes=[fields if form == body.CSV else lines]).outputs
    return (b"".join(pieces),)


def lines(array: NDArray[Any]) -> bytes:
    """`{"prediction": ...}` in each line: an object, so that batch transform can join it with its input."""
    return LINE.encode_lines([{"prediction": value} for value in array.tolist()])


def fields(array: NDArray[Any]) -> bytes:
    """A line of CSV for each row, its fields those of the prediction."""
    found = io.StringIO()
    rows = array.tolist() if array.ndim > 1 else [[value] for value in array.tolist()]
    csv.writer(found, lineterminator="\n").writerows(map(spelled, row) for row in rows)
    return found.getvalue().encode()
