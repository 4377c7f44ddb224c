"""What nodes make of an array, without a pipeline around them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from alpenglow._export.convert import OPSET
from alpenglow._export.graph.contract import IR_VERSION
from alpenglow._export.graph.nodes import Nodes


class Container:
    """Takes nodes and constants as skl2onnx's does."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.numbers = count()

    def add_node(self, op: str, inputs: list[str], outputs: Any, name: str, **attributes: Any) -> None:
        """A node."""
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(op, inputs, outputs, name=name, **attributes))

    def add_initializer(self, name: str, kind: Any, shape: Any, tensor: onnx.TensorProto) -> None:
        """A constant."""
        tensor.name = name
        self.initializers.append(tensor)

    def get_unique_variable_name(self, name: str) -> str:
        """For a tensor."""
        return f"{name}{next(self.numbers)}"

    get_unique_operator_name = get_unique_variable_name


def made(build: Callable[[Nodes, str], str], x: NDArray[Any]) -> NDArray[Any]:
    """What ONNX Runtime gives for `[N, 1]`."""
    container = Container()
    nodes = Nodes(container, container, {}, {})
    nodes.add("Identity", [build(nodes, "x")], "y")
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    graph = helper.make_graph(
        container.nodes,
        "test",
        [helper.make_tensor_value_info("x", kind, ["N", 1])],
        [onnx.ValueInfoProto(name="y")],
        container.initializers,
    )
    opsets = [helper.make_opsetid("", OPSET[""])]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"x": x.reshape(-1, 1)})
    return np.asarray(found)[:, 0]
