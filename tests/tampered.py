"""Models that were changed after the proof."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def constants(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    """A graph's numbers in float64."""
    held = [a.t for node in model.graph.node for a in node.attribute if a.type == onnx.AttributeProto.TENSOR]
    tensors = [*model.graph.initializer, *held]
    return [tensor for tensor in tensors if tensor.data_type == onnx.TensorProto.DOUBLE and np.prod(tensor.dims)]


def replaced(tensor: onnx.TensorProto, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Put other numbers in place of its own."""
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor)), tensor.name))


def tampered(model: Path, to: Path) -> Path:
    """A copy in which the most constants that lie together, as a tree's leaves do, are a millionth larger."""
    changed = onnx.load(model)
    replaced(max(constants(changed), key=lambda tensor: int(np.prod(tensor.dims))), lambda values: values * (1 + 1e-6))
    onnx.save(changed, to)
    to.chmod(0o644)
    return to
