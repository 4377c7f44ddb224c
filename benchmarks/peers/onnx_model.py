"""The exported model as one would load it by hand: what the applications of this folder share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime

# What an input's type in the graph is in NumPy and in Python.
DTYPES: dict[str, type] = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64}
TYPES: dict[str, type] = {"tensor(string)": str, "tensor(int64)": int}


class Model:
    """A session with one thread, as there is a process for each processor."""

    def __init__(self, path: str = "model.onnx") -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        inputs, answer = self.session.get_inputs(), self.session.get_outputs()[0]
        self.dtypes = {column.name: DTYPES.get(column.type, np.object_) for column in inputs}
        self.types = {column.name: TYPES.get(column.type, float) for column in inputs}
        self.answer: str = answer.name
        self.answer_type = TYPES.get(answer.type, float)

    def feed(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Columns of N values each as tensors `[N, 1]`."""
        return {name: np.array(columns[name], dtype).reshape(-1, 1) for name, dtype in self.dtypes.items()}

    def predict(self, columns: Mapping[str, Sequence[Any]]) -> list[Any]:
        """N predictions for columns of N values each."""
        predictions: list[Any] = self.session.run([self.answer], self.feed(columns))[0].tolist()
        return predictions

    def predict_split(self, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> list[Any]:
        """N predictions for N rows, whose values are in the order of `columns`."""
        return self.predict(dict(zip(columns, zip(*data, strict=True), strict=True)))
