"""A graph of another make: read, looked at, and rid of what the contract has no place for."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper, inliner

from alpenglow._export.convert import OPSET
from alpenglow._export.errors import AdoptionError
from alpenglow._export.files.explained import explained

DOMAINS = frozenset({"", "ai.onnx.ml", "com.microsoft"})
# The oldest that ONNX Runtime loads; it has all that `wrap` adds, in the form in which it adds it.
OLDEST = 7
WHOLE = frozenset({TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64, TensorProto.UINT8})
FLOATS = frozenset({TensorProto.FLOAT16, TensorProto.FLOAT, TensorProto.DOUBLE})
TAKEN = WHOLE | FLOATS | {TensorProto.BOOL, TensorProto.STRING}


@dataclass(frozen=True)
class Input:
    """What a graph takes: columns `[N, width]`, or one `[N]` where it is flat."""

    name: str
    kind: int  # of TensorProto
    width: int | None  # None: the graph does not say
    flat: bool = False

    def __str__(self) -> str:
        shape = "[N]" if self.flat else f"[N, {self.width or '?'}]"
        return f"{self.name!r} ({TensorProto.DataType.Name(self.kind).lower()} {shape})"


def opened(model: str | os.PathLike[str] | onnx.ModelProto) -> onnx.ModelProto:
    """A copy of a model, its functions in line, every operator of a domain that the service knows.

    Raises:
        AdoptionError: It is none, or has other operators.
    """
    if isinstance(model, onnx.ModelProto):
        found = onnx.ModelProto()
        found.CopyFrom(model)
    else:
        with explained(Path(model), AdoptionError):
            found = onnx.load(model)
    if not found.graph.output:
        raise AdoptionError("the file is no ONNX model with a graph: give what wrote it, or its path")
    if found.functions:
        found = inliner.inline_local_functions(found)
    for node in nodes(found.graph):
        node.domain = "" if node.domain == "ai.onnx" else node.domain
        if node.domain not in DOMAINS:
            raise AdoptionError(
                f"the graph's node {node.name or node.output[0]!r} is a {node.op_type} of {node.domain!r}, which the "
                "service does not have: convert the model with operators of ONNX alone"
            )
    return found


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """All nodes, those of branches and loops included."""
    for inner in graphs(graph):
        yield from inner.node


def graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and those in its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
                yield from graphs(inner)


def opsets(model: onnx.ModelProto) -> dict[str, int]:
    """The versions of the operators that are used.

    Raises:
        AdoptionError: They are older than what ONNX Runtime loads.
    """
    used = {node.domain for node in nodes(model.graph)}
    declared = {"" if o.domain == "ai.onnx" else o.domain: o.version for o in model.opset_import}
    found = {domain: version for domain, version in declared.items() if domain in used} | (
        {} if "" in used else {"": OPSET[""]}
    )
    if found[""] < OLDEST:
        raise AdoptionError(
            f"the graph has operators of opset {found['']}, and ONNX Runtime loads those from {OLDEST} on: "
            "onnx.version_converter.convert_version makes newer ones of them"
        )
    return found


def inputs_of(graph: onnx.GraphProto) -> list[Input]:
    """What the graph takes.

    Raises:
        AdoptionError: It takes no table.
    """
    constants = {tensor.name for tensor in graph.initializer}
    found = [input_of(value) for value in graph.input if value.name not in constants]
    if not found:
        raise AdoptionError("the graph takes no input: there is nothing to predict from")
    return found


def input_of(value: onnx.ValueInfoProto) -> Input:
    """One of the inputs.

    Raises:
        AdoptionError: No columns of a table can be given to it.
    """
    kind = value.type.tensor_type.elem_type
    if kind not in TAKEN:
        what = value.type.WhichOneof("value") if kind == 0 else TensorProto.DataType.Name(kind).lower()
        raise AdoptionError(f"the graph's input {value.name!r} is of type {what}: a table has numbers, texts, booleans")
    shape = value.type.tensor_type.shape.dim
    if not value.type.tensor_type.HasField("shape"):
        return Input(value.name, kind, None)
    if len(shape) not in (1, 2):
        raise AdoptionError(
            f"the graph's input {value.name!r} has {len(shape)} dimensions: expected [N, K], rows and columns"
        )
    if shape[0].dim_value > 0:
        raise AdoptionError(
            f"the graph's input {value.name!r} takes exactly {shape[0].dim_value} rows: convert the model with a first "
            "dimension that is free (of PyTorch: dynamic_axes or dynamic_shapes)"
        )
    if len(shape) == 1:
        return Input(value.name, kind, 1, flat=True)
    return Input(value.name, kind, shape[1].dim_value if shape[1].dim_value > 0 else None)


def without_maps(graph: onnx.GraphProto) -> dict[str, list[Any]]:
    """Take each `ZipMap` out of the graph.

    Returns:
        The keys of its maps, by the tensor that is an output now in its stead.
    """
    found = {}
    for node in [node for node in graph.node if node.op_type == "ZipMap"]:
        keys = [key for attribute in node.attribute for key in [*attribute.ints, *attribute.strings]]
        found[node.input[0]] = [key.decode() if isinstance(key, bytes) else key for key in keys]
        for output in graph.output:
            if output.name == node.output[0]:
                output.CopyFrom(helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, None))
        graph.node.remove(node)
    return found
