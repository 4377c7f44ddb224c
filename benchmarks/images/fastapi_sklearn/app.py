"""POST /predict: pandas' "split" JSON to predictions, with FastAPI and the pickled pipeline."""

from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel


class Table(BaseModel):
    """A data frame, `orient="split"`."""

    columns: list[str]
    data: list[list[Any]]


class Predictions(BaseModel):
    """One for each row."""

    predictions: list[Any]


def create_app() -> FastAPI:
    """Load the pipeline once; the application for Uvicorn."""
    pipeline = joblib.load("pipeline.joblib")
    app = FastAPI()

    @app.post("/predict")
    def predict(table: Table) -> Predictions:
        frame = pd.DataFrame(table.data, columns=table.columns)
        # JSON's 25 becomes an integer, and the pipeline was fitted on float64.
        numbers = frame.select_dtypes("number").columns
        return Predictions(predictions=pipeline.predict(frame.astype(dict.fromkeys(numbers, float))).tolist())

    return app
