"""The labels that a graph gives, as far as its nodes say them."""

from collections.abc import Mapping
from typing import Any

import onnx
from onnx import numpy_helper

# Their output has what their first input has.
PASSING = frozenset({"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})


def labels_of(graph: onnx.GraphProto, output: str) -> list[Any] | None:
    """The labels of an output in the order of the scores; None where no node says them."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    producers = {name: node for node in graph.node for name in node.output}
    node = producers.get(output)
    while node is not None:
        found = written(node, constants)
        if found or node.op_type not in PASSING:
            return found or None
        node = producers.get(node.input[0])
    return None


def written(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> list[Any]:
    """The labels that a node has: of a classifier, or in the table from which it picks one by its number."""
    values = {attribute.name: attribute for attribute in node.attribute}
    if node.op_type == "LabelEncoder":
        keys = listed(values, "keys_int64s")
        return listed(values, "values_strings", "values_int64s") if keys == list(range(len(keys))) else []
    if node.op_type in ("ArrayFeatureExtractor", "Gather") and node.input[0] in constants:
        found: list[Any] = numpy_helper.to_array(constants[node.input[0]]).ravel().tolist()
        return found
    return listed(values, *(name for name in values if name.startswith("classlabels_")))


def listed(attributes: Mapping[str, onnx.AttributeProto], *names: str) -> list[Any]:
    """The numbers or texts of the first of these attributes that has any."""
    for name in names:
        attribute = attributes.get(name, onnx.AttributeProto())
        found = [*attribute.ints, *(text.decode() for text in attribute.strings)]
        if found:
            return found
    return []
