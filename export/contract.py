"""The contract of `model.onnx`: what its inputs and outputs are called, and their shapes and types."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from export.errors import ConversionError
from export.nodes import ML5
from serve.signature import Column

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


def to_contract(
    model: onnx.ModelProto, columns: Sequence[Column], answer: NDArray[Any], outputs: list[str], classes: int | None
) -> onnx.ModelProto:
    """Name the inputs as the columns and the outputs as the task has them; drop what only a debugger would read.

    Args:
        model: As skl2onnx made it, its inputs in the order of `columns`.
        columns: What the pipeline was fitted on. The ones that it does not read get no input.
        answer: What the pipeline predicts for one row, `[1]` or `[1, T]`.
        outputs: The wanted outputs; the model's first ones, in this order.
        classes: How many classes there are, for a classifier.

    Raises:
        ConversionError: A column has an output's name.
    """
    graph = model.graph
    inputs = {column.name: column for column in columns}
    taken = [name for name in outputs if name in inputs]
    if taken:
        raise ConversionError(f"a column is named {taken[0]!r}, as the graph's own output is: give it another name")
    names = dict(zip([i.name for i in graph.input], inputs, strict=True))
    free = (name for n in count() if (name := f"t{n}") not in inputs)
    for produced in [*(i.name for i in graph.initializer), *(name for node in graph.node for name in node.output)]:
        names[produced] = next(free) if produced else ""
    rename(graph, names)
    results = [names[output.name] for output in graph.output]
    finish = [node for source, name in zip(results, outputs, strict=False) for node in finishing(source, name, answer)]
    read = {name for node in [*graph.node, *finish] for name in node.input}
    contract = helper.make_graph(
        [*graph.node, *finish],
        "pipeline",
        [declare(column) for column in columns if column.name in read],
        [declare_output(name, answer, classes) for name in outputs],
        [*graph.initializer, *([helper.make_tensor(SHAPE, TensorProto.INT64, [1], [-1])] if SHAPE in read else [])],
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


def rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Rename every tensor; node names and comments go, and operators of ai.onnx.ml 5 come home."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names[name] for name in node.output]
        node.name = node.doc_string = ""
        node.domain = "ai.onnx.ml" if node.domain == ML5 else node.domain
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]


def finishing(produced: str, output: str, answer: NDArray[Any]) -> list[onnx.NodeProto]:
    """The nodes that give an output its final type and shape."""
    if output == "label" and LABEL_TYPES[answer.dtype.kind] == TensorProto.STRING:
        return [helper.make_node("Identity", [produced], [output])]
    if output == "label":
        return [helper.make_node("Cast", [produced], [output], to=LABEL_TYPES[answer.dtype.kind])]
    if output == "probabilities" or answer.ndim > 1:
        return [helper.make_node("Cast", [produced], [output], to=TensorProto.DOUBLE)]
    flat = f"{produced} flat"
    return [
        helper.make_node("Reshape", [produced, SHAPE], [flat]),
        helper.make_node("Cast", [flat], [output], to=TensorProto.DOUBLE),
    ]


def declare(column: Column) -> onnx.ValueInfoProto:
    """An input `[N, 1]`."""
    kind = TensorProto.STRING if column.type == "string" else TensorProto.DOUBLE
    return helper.make_tensor_value_info(column.name, kind, ["N", 1])


def declare_output(name: str, answer: NDArray[Any], classes: int | None) -> onnx.ValueInfoProto:
    """`label` `[N]`, `probabilities` `[N, C]`, `prediction` `[N]` or `[N, T]`."""
    if name == "label":
        return helper.make_tensor_value_info(name, LABEL_TYPES[answer.dtype.kind], ["N"])
    shape = ["N", classes] if name == "probabilities" else ["N", *answer.shape[1:]]
    return helper.make_tensor_value_info(name, TensorProto.DOUBLE, shape)
