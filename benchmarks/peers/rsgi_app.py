"""Granian's own interface, RSGI, and msgspec, without a framework: about as fast as Python answers HTTP."""

from typing import Any

import msgspec
from onnx_model import Model

model = Model()
HEADERS = [("content-type", "application/json")]


class Split(msgspec.Struct):
    """A data frame, `orient="split"`."""

    columns: list[str]
    data: list[list[float | str]]


decode = msgspec.json.Decoder(Split).decode
encode = msgspec.json.Encoder().encode


async def app(_scope: Any, protocol: Any) -> None:
    """Whatever the path is, it is the table to predict."""
    table = decode(await protocol())
    predictions = model.predict_split(table.columns, table.data)
    protocol.response_bytes(200, HEADERS, encode({"predictions": predictions}))
