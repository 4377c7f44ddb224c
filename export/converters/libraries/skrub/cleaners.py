"""What cleans a column: texts that stand for nothing, numbers in float32, columns without information."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import StringTensorType

from alpenglow._export.converters.feature_extraction.characters import SPACES
from alpenglow._export.graph.columns import Float32TensorType, is_float32, narrowed, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.spelling import label
from alpenglow._export.graph.text import is_string
from alpenglow._serve.signature import MISSING

BLANK = "[" + "".join(rf"\x{{{ord(space):x}}}" for space in SPACES) + "]*"


def without_null_strings(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """A text that stands for nothing, or has nothing but spaces, is missing."""
    if not all(map(is_string, inputs)):
        return inputs
    found: list[Any] = []
    for variable in inputs:
        x = variable.full_name
        gap = nodes.constant(np.array(MISSING, object))
        told = nodes.add("Equal", [label(nodes, x, dict.fromkeys(model.null_strings_, MISSING), ""), gap])
        empty = nodes.add("Or", [nodes.add("RegexFullMatch", [x], pattern=BLANK), told])
        found += nodes.table(nodes.add("Where", [empty, gap, x]), variable.type.shape[1], type(variable.type))
    return found


def informative(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The column, if it is not dropped."""
    return [] if model.drop_ else inputs


def to_float(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Numbers rounded to float32."""
    if any(map(is_string, inputs)):
        raise NotImplementedError("it reads numbers from text: make numbers of that column before, and fit it on those")
    if is_float32(inputs):
        return inputs
    return nodes.table(narrowed(nodes, nodes.matrix(inputs)), width(inputs), Float32TensorType)


def spelled(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Text, whose gaps are NaN."""
    if all(map(is_string, inputs)):
        return [nodes.table(one.full_name, one.type.shape[1], StringTensorType)[0] for one in inputs]
    given = nodes.examples.get(id(model))
    if str(getattr(given, "dtype", "")) != "bool":
        raise NotImplementedError("it spells numbers, as no graph can: fit it on text there")
    yes, no = (nodes.constant(np.array(text, object)) for text in ("True", "False"))
    true = nodes.cast(nodes.matrix(inputs), TensorProto.BOOL)
    return nodes.table(nodes.add("Where", [true, yes, no]), width(inputs), StringTensorType)
