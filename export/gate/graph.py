"""The converted graph in ONNX Runtime, asked for rows as the server asks it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.errors import ConversionError, one_line
from alpenglow._export.pipeline.moments import counts
from alpenglow._serve.portions import portions
from alpenglow._serve.signature import MISSING, NUMBERS, Column

PART = 4096  # rows that go through the graph at once
PLAIN = {"bool", "float64", "int64"}


class Graph:
    """Runs the graph as the server does: one thread, so that sums are always added in the same order."""

    def __init__(self, model: onnx.ModelProto, columns: Sequence[Column]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised
        try:
            self.session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        except Exception as error:
            # ONNX Runtime's exceptions share no base class below Exception.
            raise ConversionError(f"ONNX Runtime does not load the converted graph: {one_line(error)}") from error
        inputs = {node.name for node in self.session.get_inputs()}
        self.outputs = [node.name for node in self.session.get_outputs()]
        self.columns = [column for column in columns if column.name in inputs]

    def ask(self, values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The graph's outputs, by name, for values as `serve.model.Model.predict` takes them."""
        feed: dict[str, NDArray[Any]] = {}
        for kind, block in values.items():
            names = [column.name for column in self.columns if column.kind == kind]
            feed |= {name: block[:, [place]] for place, name in enumerate(names)}
        return dict(zip(self.outputs, self.session.run(None, feed), strict=True))

    def predict(self, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """The graph's outputs for the rows, by name."""
        feed = tensors(rows, self.columns)
        free = [column.name for column in self.columns if column.type == "string" and column.categories is None]
        texts = [feed[name][:, 0].tolist() for name in free]
        try:
            parts = [
                self.session.run(None, {name: x[part] for name, x in feed.items()})
                for part in portions(texts, len(rows), PART)
            ]
            return {
                name: np.concatenate(part) for name, part in zip(self.outputs, zip(*parts, strict=True), strict=True)
            }
        except Exception as error:
            raise ConversionError(f"ONNX Runtime does not run the converted graph: {one_line(error)}") from error


def tensors(rows: pd.DataFrame, columns: Sequence[Column]) -> dict[str, NDArray[Any]]:
    """The columns of a data frame as the graph's inputs; those of numbers are converted together."""
    dtypes = dict(zip(rows.columns, rows.dtypes, strict=True))
    plain = [c.name for c in columns if c.kind == NUMBERS and str(dtypes[c.name]) in PLAIN]
    matrix = np.ascontiguousarray(rows[plain].to_numpy(np.float64).T)
    together = {name: values.reshape(-1, 1) for name, values in zip(plain, matrix, strict=True)}
    return together | {c.name: tensor(rows[c.name], c) for c in columns if c.name not in together}


def tensor(values: "pd.Series[Any]", column: Column) -> NDArray[Any]:
    """A column of the data frame as the graph's input `[N, 1]`."""
    if column.time:
        array: NDArray[Any] = counts(values, column)
    elif column.type == "string":
        array = values.astype(object).where(values.notna(), MISSING).to_numpy(object)
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        array = values.to_numpy(np.float64)
    else:
        array = values.astype(object).where(values.notna(), np.nan).to_numpy(np.float64)
    return array.reshape(-1, 1)
