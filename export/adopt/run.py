"""A graph of another make as ONNX Runtime runs it by itself: what the wrapped one has to answer, too."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto, helper

from alpenglow._export.adopt.foreign import Input
from alpenglow._export.adopt.roles import Answers
from alpenglow._export.errors import AdoptionError, one_line
from alpenglow._export.gate.graph import PART


def answered(model: onnx.ModelProto, inputs: Sequence[Input], sample: pd.DataFrame) -> Answers:
    """The outputs for the sample, whose columns are those of the inputs, in this order.

    Raises:
        AdoptionError: ONNX Runtime does not load or run it, or it does not answer row by row.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    feed = fed(inputs, sample)
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        parts = [
            session.run(None, {name: x[at : at + PART] for name, x in feed.items()})
            for at in range(0, len(sample), PART)
        ]
    except Exception as error:
        # ONNX Runtime's exceptions share no base class below Exception.
        raise AdoptionError(f"ONNX Runtime does not run the graph on the sample: {one_line(error)}") from error
    names = [output.name for output in session.get_outputs()]
    for name, answer in zip(names, parts[0], strict=True):
        rows = min(PART, len(sample))
        if not isinstance(answer, np.ndarray) or answer.ndim not in (1, 2) or len(answer) != rows:
            shape = list(answer.shape) if isinstance(answer, np.ndarray) else f"of a {type(answer).__name__}"
            raise AdoptionError(
                f"the graph's output {name!r} has the shape {shape} for {rows} rows: expected [N] or [N, C]; "
                "onnx.utils.extract_model drops outputs"
            )
    return {name: np.concatenate(found) for name, found in zip(names, zip(*parts, strict=True), strict=True)}


def fed(inputs: Sequence[Input], sample: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The columns of the sample as the graph's own inputs."""
    feed = {}
    at = 0
    for one in inputs:
        columns = sample.iloc[:, at : at + (one.width or 0)]
        at += one.width or 0
        if one.kind == TensorProto.STRING:
            values = columns.to_numpy(object)
        else:
            values = columns.astype("float64").to_numpy(np.float64).astype(helper.tensor_dtype_to_np_dtype(one.kind))
        feed[one.name] = values.ravel() if one.flat else values
    return feed
