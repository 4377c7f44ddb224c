"""Litestar: split JSON, decoded and checked by msgspec."""

from typing import Any

import msgspec
from litestar import Litestar, post
from onnx_model import Model

model = Model()


class Split(msgspec.Struct):
    """A data frame, `orient="split"`."""

    columns: list[str]
    data: list[list[float | str]]


@post("/predict", sync_to_thread=False, status_code=200)
def predict(data: Split) -> dict[str, list[Any]]:
    """One prediction for each row."""
    return {"predictions": model.predict_split(data.columns, data.data)}


app = Litestar([predict], openapi_config=None, request_max_body_size=64 << 20)
