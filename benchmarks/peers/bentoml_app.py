"""BentoML: a service whose API takes split JSON."""

from typing import Any

import bentoml
from onnx_model import Model


@bentoml.service(workers=2, logging={"access": {"enabled": False}})
class Predictor:
    """A model in each of two workers."""

    def __init__(self) -> None:
        self.model = Model()

    @bentoml.api
    def predict(self, columns: list[str], data: list[list[Any]]) -> dict[str, list[Any]]:
        """One prediction for each row."""
        return {"predictions": self.model.predict_split(columns, data)}
