"""LitServe: a server process in front of two workers."""

import sys
from typing import Any

import litserve
from onnx_model import Model


class Predictor(litserve.LitAPI):
    """Split JSON to predictions."""

    def setup(self, device: str) -> None:
        """In each worker."""
        self.model = Model()

    def predict(self, x: dict[str, Any]) -> dict[str, list[Any]]:
        """One prediction for each row."""
        return {"predictions": self.model.predict_split(x["columns"], x["data"])}


if __name__ == "__main__":
    server = litserve.LitServer(Predictor(), accelerator="cpu", workers_per_device=2)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, generate_client_file=False
    )
