"""The contract of `model.onnx`: what its inputs and outputs are called, and their shapes and types."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from alpenglow._export.errors import ConversionError
from alpenglow._export.graph.joins import join
from alpenglow._export.graph.lean import drop_unused_tracks, needed, without_identities
from alpenglow._export.graph.neutral import kept_apart
from alpenglow._export.graph.nodes import ML5
from alpenglow._serve.signature import TEXTS, TIMES, Column

# The newest that ONNX Runtime 1.21 loads, the oldest release that the image may get from Alpine.
IR_VERSION = 10
SHAPE = "flat shape"
LABEL_TYPES = {
    "O": TensorProto.STRING,
    "U": TensorProto.STRING,
    "T": TensorProto.STRING,
    "i": TensorProto.INT64,
    "u": TensorProto.INT64,
    "f": TensorProto.DOUBLE,
    "b": TensorProto.BOOL,
}


def to_contract(model: onnx.ModelProto, columns: Sequence[Column], answers: dict[str, NDArray[Any]]) -> onnx.ModelProto:
    """Name the inputs as the columns and the outputs as the task has them; drop what only a debugger would read.

    Args:
        model: As skl2onnx made it, its inputs in the order of `columns`.
        columns: What the pipeline was fitted on. The ones that it does not read get no input.
        answers: What the pipeline answers for one row: the wanted outputs, the model's first ones, in this order.

    Raises:
        ConversionError: A column has an output's name.
    """
    graph = model.graph
    inputs = {column.name: column for column in columns}
    taken = [name for name in answers if name in inputs]
    if taken:
        raise ConversionError(f"a column is named {taken[0]!r}, as the graph's own output is: give it another name")
    names = dict(zip([i.name for i in graph.input], inputs, strict=True))
    numbered = (name for n in count() if (name := f"t{n}") not in inputs)
    for produced in [*(i.name for i in graph.initializer), *(name for node in graph.node for name in node.output)]:
        names[produced] = next(numbered) if produced else ""
    rename(graph, names)
    sources = dict(zip(answers, (names[output.name] for output in graph.output), strict=False))
    finish = [node for name, source in sources.items() for node in finishing(source, name, answers[name])]
    nodes = needed(without_identities([*graph.node, *finish], set(answers)), set(answers))
    constants = {tensor.name: tensor for tensor in [*graph.initializer, flat()]}
    drop_unused_tracks(nodes, constants)
    nodes = kept_apart(nodes, constants, lambda: next(numbered))
    read = {name for node in nodes for name in node.input}
    wanted = [column for column in columns if column.name in read]
    nodes, more, joined = join(nodes, {column.name: kind(column) for column in wanted}, lambda: next(numbered))
    constants |= {tensor.name: tensor for tensor in more}
    read = {name for node in nodes for name in node.input}
    contract = helper.make_graph(
        nodes,
        "pipeline",
        [declare(column) for column in wanted],
        [
            helper.make_tensor_value_info(name, type_of(name, answer), ["N", *answer.shape[1:]])
            for name, answer in answers.items()
        ],
        [tensor for name, tensor in constants.items() if name in read],
        value_info=joined,
    )
    opsets = {o.domain: o.version for o in model.opset_import}
    if opsets.pop(ML5, None):
        opsets["ai.onnx.ml"] = 5
    return helper.make_model(
        contract,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in sorted(opsets.items())],
        ir_version=IR_VERSION,
        producer_name="alpenglow",
    )


def flat() -> onnx.TensorProto:
    """The shape `[-1]`."""
    return helper.make_tensor(SHAPE, TensorProto.INT64, [1], [-1])


def rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Rename every tensor; nearly all node names and comments go, and operators of ai.onnx.ml 5 come home."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names[name] for name in node.output]
        # ONNX Runtime 1.21 joins several of these into one Split with the name of the first, and wants names to differ.
        node.name = node.output[0] if node.op_type in ("Gather", "Slice") else ""
        node.doc_string = ""
        node.domain = "ai.onnx.ml" if node.domain == ML5 else node.domain
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]


def finishing(produced: str, output: str, answer: NDArray[Any]) -> list[onnx.NodeProto]:
    """The nodes that give an output its final type and shape."""
    shaped = produced
    nodes = []
    if answer.ndim == 1 and output != "label":
        shaped = f"{produced} flat"
        nodes.append(helper.make_node("Reshape", [produced, SHAPE], [shaped]))
    if type_of(output, answer) == TensorProto.STRING:
        return [helper.make_node("Identity", [shaped], [output])]
    return [*nodes, helper.make_node("Cast", [shaped], [output], to=type_of(output, answer))]


def type_of(output: str, answer: NDArray[Any]) -> int:
    """The type of an output: that of the labels, or float64."""
    return LABEL_TYPES[answer.dtype.kind] if output == "label" else TensorProto.DOUBLE


def declare(column: Column) -> onnx.ValueInfoProto:
    """An input `[N, 1]`."""
    return helper.make_tensor_value_info(column.name, kind(column), ["N", 1])


def kind(column: Column) -> int:
    """The type of a column in the graph."""
    return int({TEXTS: TensorProto.STRING, TIMES: TensorProto.INT64}.get(column.kind, TensorProto.DOUBLE))
