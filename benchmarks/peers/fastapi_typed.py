"""FastAPI as its manual has it: a row is a Pydantic model with a field for each column."""

from typing import Any

from fastapi import FastAPI
from onnx_model import Model
from pydantic import BaseModel, Field, create_model

model = Model()
# Names of columns need not be names in Python.
FIELDS = {f"field{number}": name for number, name in enumerate(model.types)}
Row: Any = create_model("Row", **{field: (model.types[name], Field(alias=name)) for field, name in FIELDS.items()})


class Rows(BaseModel):
    """A request."""

    rows: list[Row]


class Predictions(BaseModel):
    """One for each row."""

    predictions: list[model.answer_type]


app = FastAPI()


@app.post("/predict")
def predict(body: Rows) -> Predictions:
    """Rows to columns to predictions."""
    columns = {name: [getattr(row, field) for row in body.rows] for field, name in FIELDS.items()}
    return Predictions(predictions=model.predict(columns))
