"""A loaded `model.onnx`: knows tensors, nothing of HTTP or JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from alpenglow._serve import graph
from alpenglow._serve.contract import KINDS, faults
from alpenglow._serve.portions import portions
from alpenglow._serve.signature import KEY, TEXTS, Signature

# Rows that go through the graph at once: what it keeps between its nodes then stays in the processor's cache, and is
# small. Of 64 to 1,024 the fastest for Adult's forest.
PART = 256


class ModelError(ValueError):
    """The file is no model that can be served; the message says why."""


class MemoryLimitError(ModelError):
    """The model needs more memory to load than there is."""


class Model:
    """One session of ONNX Runtime and the signature that came with the graph.

    Made once, before the workers are forked: with one thread it starts none, so nothing is lost in the fork, and one
    thread adds a forest's numbers in one order only.
    """

    def __init__(self, session: onnxruntime.InferenceSession, signature: Signature, size: int) -> None:
        self.session = session
        self.signature = signature
        self.size = size  # of the file, in bytes
        self.outputs: dict[str, list[int]] = {  # shapes by name, -1 for the number of rows
            output.name: [extent if isinstance(extent, int) else -1 for extent in output.shape]
            for output in session.get_outputs()
        }
        self.answer = "prediction" if signature.task == "regression" else "label"
        columns = {
            kind: [column.name for column in signature.columns if column.kind == kind] for kind in KINDS.values()
        }
        texts = (column for column in signature.columns if column.kind == TEXTS)
        self.free_texts = [place for place, column in enumerate(texts) if column.categories is None]
        # The graph's inputs: of which kind, and which column of it; None for all of them.
        self.inputs: dict[str, tuple[str, int | None]] = {}
        for node in session.get_inputs():
            kind = KINDS[node.type]
            self.inputs[node.name] = kind, None if node.shape[1] > 1 else columns[kind].index(node.name)

    def predict(self, values: Mapping[str, NDArray[Any]], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """The outputs that are asked for, each `[N]` or `[N, K]`.

        Args:
            values: By kind, each `[N, K]`: float64 for `NUMBERS`, objects (str) for `TEXTS`, int64 for `TIMES`, the
                columns of the kind in the signature's order.
            outputs: Their names.
        """
        rows = len(next(iter(values.values())))
        texts = [values[TEXTS][:, place].tolist() for place in self.free_texts]
        parts = [self.run(values, part, outputs) for part in portions(texts, rows, PART)]
        return parts[0] if len(parts) == 1 else [np.concatenate(found) for found in zip(*parts, strict=True)]

    def run(self, values: Mapping[str, NDArray[Any]], rows: slice, outputs: Sequence[str]) -> list[NDArray[Any]]:
        """The outputs for some of the rows."""
        feed = {
            name: values[kind][rows] if place is None else values[kind][rows, place : place + 1]
            for name, (kind, place) in self.inputs.items()
        }
        found: list[NDArray[Any]] = self.session.run(outputs, feed)
        return found


def load(path: Path) -> Model:
    """Load a model that `alpenglow export` or `alpenglow adopt` wrote.

    Raises:
        MemoryLimitError: It did not fit into what `serve.process.memory.bounded` allows.
        ModelError: There is no such file, or it is no such model.
    """
    if not path.is_file():
        raise ModelError(f"there is no model at {path}: make one with alpenglow export, or set MODEL to its path")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised
    # The arena keeps the largest request's memory for good; malloc gives it back.
    options.enable_cpu_mem_arena = False
    try:
        with graph.joined(path) as copy:
            session = onnxruntime.InferenceSession(copy, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime's exceptions share no base class below Exception.
        if isinstance(error, MemoryError) or "bad_alloc" in str(error):
            raise MemoryLimitError(f"{path} needs more memory to load than there is") from error
        raise ModelError(
            f"{path} is no ONNX model that this ONNX Runtime loads: {' '.join(str(error).split())}"
        ) from error
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    if text is None:
        raise ModelError(
            f"{path} has no signature: make it with alpenglow export, or sign a graph of another make with "
            "alpenglow adopt"
        )
    try:
        signature = msgspec.json.decode(text, type=Signature)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path} has a signature that this version does not read: {error}") from error
    fault = next(faults(session.get_inputs(), session.get_outputs(), signature), None)
    if fault:
        raise ModelError(
            f"{path} has a signature that its graph does not keep: {fault}; alpenglow adopt wraps and signs it"
        )
    return Model(session, signature, path.stat().st_size)
