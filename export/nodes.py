"""The two things that a converter does: add a node, add a constant."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper

# skl2onnx 1.20 knows ai.onnx.ml up to version 3. Operators of version 5 pass through it under this domain, and
# `contract.to_contract` gives them their own.
ML5 = "ai.onnx.ml.5"


@dataclass(frozen=True)
class Nodes:
    """Adds to the graph that skl2onnx is building; `scope` and `container` are what it hands to a converter."""

    scope: Any
    container: Any

    def add(self, op: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        output = output or self.scope.get_unique_variable_name(op)
        self.container.add_node(op, inputs, output, name=self.scope.get_unique_operator_name(op), **attributes)
        return output

    def constant(self, value: Any) -> str:
        """Add a tensor of numbers, booleans or strings (dtype object); return its name."""
        array = np.asarray(value)
        name: str = self.scope.get_unique_variable_name("constant")
        if array.dtype == object:
            content = [text.encode() for text in array.ravel().tolist()]
            self.container.add_initializer(name, TensorProto.STRING, array.shape, content)
        else:
            self.container.add_initializer(name, None, None, numpy_helper.from_array(array))
        return name
