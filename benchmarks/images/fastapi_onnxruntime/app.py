"""POST /predict: pandas' "split" JSON to predictions, with FastAPI and the exported model."""

from typing import Any

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

DTYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}


class Table(BaseModel):
    """A data frame, `orient="split"`."""

    columns: list[str]
    data: list[list[Any]]


class Predictions(BaseModel):
    """One for each row."""

    predictions: list[Any]


def create_app() -> FastAPI:
    """Load the model once; the application for Uvicorn."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a process for each processor instead
    session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
    inputs = {column.name: DTYPES.get(column.type, np.object_) for column in session.get_inputs()}
    answer = session.get_outputs()[0].name
    app = FastAPI()

    @app.post("/predict")
    def predict(table: Table) -> Predictions:
        columns = dict(zip(table.columns, zip(*table.data, strict=True), strict=True))
        tensors = {name: np.array(columns[name], dtype).reshape(-1, 1) for name, dtype in inputs.items()}
        return Predictions(predictions=session.run([answer], tensors)[0].tolist())

    return app
