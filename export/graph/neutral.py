"""Constants that ONNX Runtime takes for 0 or 1, and are not.

Before it drops `x * 1`, `x / 1`, `x + 0` and `x - 0`, it rounds a constant of one value to float32
(onnxruntime/core/optimizer/noop_elimination.cc): so it drops the product with 1.0000000000000002, too, which is what
some weights add up to, and the sum with 1e-50. What is as large as the other operand it leaves alone.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper

NEUTRAL = {"Add": 0.0, "Sub": 0.0, "Mul": 1.0, "Div": 1.0}


def kept_apart(
    nodes: Iterable[onnx.NodeProto], constants: Mapping[str, onnx.TensorProto], new: Callable[[], str]
) -> list[onnx.NodeProto]:
    """The nodes, with each such constant as large as what it is added to or multiplied with.

    Args:
        nodes: In the order in which they are computed; those with graphs of their own have these changed in place.
        constants: By name.
        new: Makes a name that there is not yet.
    """
    found = []
    for node in nodes:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                inner = {tensor.name: tensor for tensor in attribute.g.initializer}
                changed = kept_apart(attribute.g.node, {**constants, **inner}, new)
                del attribute.g.node[:]
                attribute.g.node.extend(changed)
        for place, name in enumerate(node.input):
            if node.op_type in NEUTRAL and name in constants and mistaken(constants[name], NEUTRAL[node.op_type]):
                shape, whole = new(), new()
                found.append(helper.make_node("Shape", [node.input[1 - place]], [shape]))
                found.append(helper.make_node("Expand", [name, shape], [whole]))
                node.input[place] = whole
        found.append(node)
    return found


def mistaken(constant: onnx.TensorProto, neutral: float) -> bool:
    """Whether a constant is one number that becomes the neutral one by rounding."""
    values = numpy_helper.to_array(constant)
    if values.dtype != np.float64 or values.size != 1:
        return False
    (value,) = values.reshape(-1).tolist()
    with np.errstate(over="ignore"):
        return bool(value != neutral and np.float32(value) == neutral)
