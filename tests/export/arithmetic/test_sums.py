"""NumPy's order of adding, bit by bit."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from alpenglow._export.arithmetic.sums import pairwise_sum
from alpenglow._export.graph.nodes import Nodes


class Recorder:
    """What `Nodes` hands its work to."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def get_unique_variable_name(self, seed: str) -> str:
        return f"{seed} {len(self.nodes)} {len(self.constants)}"

    get_unique_operator_name = get_unique_variable_name

    def add_node(self, op, inputs, output, name, **attributes) -> None:
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))

    def add_initializer(self, name, kind, shape, content) -> None:
        content.name = name
        self.constants.append(content)


@pytest.mark.parametrize("count", [1, 5, 7, 8, 9, 16, 23, 100, 128, 129, 300])
def test_every_bit(count) -> None:
    numbers = np.random.default_rng(count).normal(size=(50, count))
    recorder = Recorder()
    total = pairwise_sum(Nodes(recorder, recorder, {}, {}), "x", count)
    graph = helper.make_graph(
        recorder.nodes,
        "sum",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, None, None])],
        [helper.make_tensor_value_info(total, TensorProto.DOUBLE, None)],
        recorder.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    given = session.run(None, {"x": np.ascontiguousarray(numbers.T[:, :, np.newaxis])})[0]
    np.testing.assert_array_equal(given[:, 0], numbers.sum(axis=1))
