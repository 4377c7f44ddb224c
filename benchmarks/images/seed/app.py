"""POST /predict: pandas' "split" JSON to predictions, with Flask and the pickled pipeline."""

from typing import Any

import joblib
import pandas as pd
from flask import Flask, request


def create_app() -> Flask:
    """Load the pipeline once; the application for Gunicorn."""
    pipeline = joblib.load("pipeline.joblib")
    app = Flask(__name__)

    @app.post("/predict")
    def predict() -> dict[str, list[Any]]:
        table = request.get_json(force=True)
        frame = pd.DataFrame(table["data"], columns=table["columns"])
        # JSON's 25 becomes an integer, and the pipeline was fitted on float64.
        numbers = frame.select_dtypes("number").columns
        return {"predictions": pipeline.predict(frame.astype(dict.fromkeys(numbers, float))).tolist()}

    return app
