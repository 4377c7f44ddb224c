"""What a finished graph need not carry: nodes without effect, nodes that nobody reads, tracks of missing values."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import numpy_helper

# Their output holds what the first input holds.
PASSING = {"Cast", "Gather", "Reshape", "Transpose", "Unsqueeze", "Squeeze"}
# They take a number to a number, if their constant is finite and not zero.
ARITHMETIC = {"Add", "Sub", "Mul", "Div"}
NEVER_MISSING = {"OneHot", "Equal", "Greater", "Less", "And", "Or", "Not", "IsNaN"}
TRACKS = "nodes_missing_value_tracks_true"


def without_identities(nodes: Sequence[onnx.NodeProto], outputs: set[str]) -> list[onnx.NodeProto]:
    """The nodes, reading what an Identity reads in its stead; `nodes` are in the order in which they are computed."""
    sources: dict[str, str] = {}
    kept = []
    for node in nodes:
        node.input[:] = [sources.get(name, name) for name in node.input]
        if node.op_type == "Identity" and node.output[0] not in outputs:
            sources[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    return kept


def needed(nodes: Sequence[onnx.NodeProto], outputs: set[str]) -> list[onnx.NodeProto]:
    """The nodes that the outputs follow from."""
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


def drop_unused_tracks(nodes: Sequence[onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]) -> None:
    """Take from each `TreeEnsemble` which way missing values go, where an imputer or encoder lets none through."""
    producers = {name: node for node in nodes for name in node.output}
    for node in nodes:
        if node.op_type == "TreeEnsemble" and not may_be_missing(node.input[0], producers, constants):
            kept = [attribute for attribute in node.attribute if attribute.name != TRACKS]
            del node.attribute[:]
            node.attribute.extend(kept)


def may_be_missing(
    name: str, producers: Mapping[str, onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]
) -> bool:
    """Whether a tensor can hold NaN, as far as the nodes before it tell."""
    if name in constants:
        values = numpy_helper.to_array(constants[name])
        return values.dtype.kind == "f" and bool(np.isnan(values).any())
    node = producers.get(name)
    if node is None:
        return True  # an input
    sources = [source for source in node.input if not filled(node, source, producers)]
    if node.op_type in PASSING:
        sources = sources[:1]
    elif node.op_type in ARITHMETIC:
        if not any(harmless(source, node.op_type, constants) for source in sources):
            return True
    elif node.op_type == "Where":
        sources = [source for source in sources if source != node.input[0]]
    elif node.op_type == "LabelEncoder":
        return any(holds_nan(attribute) for attribute in node.attribute if attribute.name.endswith("_tensor"))
    elif node.op_type != "Concat":
        return node.op_type not in NEVER_MISSING
    return any(may_be_missing(source, producers, constants) for source in sources)


def holds_nan(attribute: onnx.AttributeProto) -> bool:
    """Whether an encoder may give NaN: whether this table of its holds it and is not that of the keys."""
    values = numpy_helper.to_array(attribute.t)
    return attribute.name != "keys_tensor" and values.dtype.kind == "f" and bool(np.isnan(values).any())


def filled(node: onnx.NodeProto, source: str, producers: Mapping[str, onnx.NodeProto]) -> bool:
    """Whether a `Where` takes this source only where it is not NaN, as an imputer does."""
    test = producers.get(node.input[0])
    return (
        node.op_type == "Where"
        and test is not None
        and test.op_type == "IsNaN"
        and test.input[0] == source == node.input[2]
    )


def harmless(name: str, operation: str, constants: Mapping[str, onnx.TensorProto]) -> bool:
    """Whether a tensor is a constant by which no number becomes NaN."""
    if name not in constants:
        return False
    values = numpy_helper.to_array(constants[name])
    return bool(np.isfinite(values).all() and (operation in ("Add", "Sub") or values.all()))
