"""The nodes around a graph that make it keep the contract: a column an input, float64 and the task's names out."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from alpenglow._export.adopt.foreign import Input, graphs, opsets
from alpenglow._export.adopt.roles import Roles
from alpenglow._export.convert import OPSET
from alpenglow._export.errors import AdoptionError, one_line
from alpenglow._export.graph.contract import IR_VERSION, LABEL_TYPES, declare, kind
from alpenglow._export.graph.nodes import strings
from alpenglow._serve.signature import Column

OUTPUTS = ("label", "probabilities", "decision", "prediction")


class Wrapping:
    """Nodes, constants and declarations that are added, under names that nothing else has."""

    def __init__(self, columns: Sequence[Column]) -> None:
        names = [*OUTPUTS, *(column.name for column in columns)]
        start = next(f"g{n}/" for n in count() if not any(name.startswith(f"g{n}/") for name in names))
        self.inner = f"{start}_/"  # what the graph's own names begin with
        self.free = (f"{start}{n}" for n in count())
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.declared: list[onnx.ValueInfoProto] = []

    def add(self, op: str, inputs: Sequence[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        output = output or next(self.free)
        # ONNX Runtime 1.21 joins several Gathers into one Split with the name of the first, and wants names to differ.
        name = output if op == "Gather" else None
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def constant(self, values: NDArray[np.generic]) -> str:
        """Add a tensor of numbers, booleans or texts; return its name."""
        name = next(self.free)
        text = values.dtype.kind in "OUS"
        self.constants.append(strings(values, name) if text else numpy_helper.from_array(values, name))
        return name


def wrapped(
    model: onnx.ModelProto, inputs: Sequence[Input], columns: Sequence[Column], roles: Roles, width: int
) -> onnx.ModelProto:
    """Wrap a graph.

    Args:
        model: As it was opened, without maps.
        inputs: What it takes, with their widths.
        columns: The columns that these take, in this order.
        roles: What becomes of the outputs.
        width: How many columns the scores have.

    Raises:
        AdoptionError: It has operators that the oldest ONNX Runtime does not load.
    """
    versions = opsets(model)
    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    around = Wrapping(columns)
    prefix(graph, around.inner)
    give_columns(around, inputs, columns)
    around.nodes.extend(graph.node)
    shapes = dict(name_outputs(around, roles, width))
    contract = helper.make_graph(
        around.nodes,
        "adopted",
        [declare(column) for column in columns],
        [helper.make_tensor_value_info(name, *found) for name, found in shapes.items()],
        [*graph.initializer, *around.constants],
        value_info=around.declared,
        sparse_initializer=graph.sparse_initializer,
    )
    made = helper.make_model(
        contract,
        opset_imports=[
            helper.make_opsetid(domain, min(version, OPSET[""])) for domain, version in sorted(versions.items())
        ],
        ir_version=IR_VERSION,
        producer_name="alpenglow",
    )
    check_lowered(made, versions[""])
    return made


def check_lowered(made: onnx.ModelProto, version: int) -> None:
    """Later versions of an operator take more types: a graph that is as valid by an older one means the same.

    Raises:
        AdoptionError: It has operators that are newer than what the oldest ONNX Runtime loads.
    """
    if version <= OPSET[""]:
        return
    try:
        onnx.checker.check_model(made)
    except onnx.checker.ValidationError as error:
        raise AdoptionError(
            f"the graph has operators of opset {version}, and the ONNX Runtime of images loads those up to "
            f"{OPSET['']}: convert the model with opset {OPSET['']} ({one_line(error)[:200]})"
        ) from error


def prefix(graph: onnx.GraphProto, start: str) -> None:
    """Let every tensor's name begin so, in branches and loops too; what is declared of tensors in between goes."""
    for inner in graphs(graph):
        del inner.value_info[:]
        for tensor in [*inner.initializer, *inner.input, *inner.output, *(s.values for s in inner.sparse_initializer)]:
            tensor.name = start + tensor.name
        for node in inner.node:
            node.input[:] = [name and start + name for name in node.input]
            node.output[:] = [name and start + name for name in node.output]
            if node.op_type in ("Gather", "Slice"):  # see `Wrapping.add`
                node.name = node.output[0]


def give_columns(around: Wrapping, inputs: Sequence[Input], columns: Sequence[Column]) -> None:
    """Join the columns of a kind, as `graph.joins` does, and hand them to the graph's inputs in their own types."""
    names = [column.name for column in columns]
    joined: dict[int, str] = {}
    members = {each: [c.name for c in columns if kind(c) == each] for each in (TensorProto.DOUBLE, TensorProto.STRING)}
    for each, own in members.items():
        if len(own) > 1:
            joined[each] = around.add("Concat", own, axis=1)
            around.declared.append(helper.make_tensor_value_info(joined[each], each, ["N", len(own)]))
    at = 0
    for one in inputs:
        taken = names[at : at + (one.width or 0)]
        at += len(taken)
        each = TensorProto.STRING if one.kind == TensorProto.STRING else TensorProto.DOUBLE
        source = joined.get(each, taken[0])
        if len(taken) < len(members[each]):
            places = np.array([members[each].index(name) for name in taken], np.int64)
            source = around.add("Gather", [source, around.constant(places)], axis=1)
        if one.flat:
            source = around.add("Reshape", [source, around.constant(np.array([-1]))])
        given = around.inner + one.name
        if one.kind == each:
            around.add("Identity", [source], given)
        else:
            around.add("Cast", [source], given, to=one.kind)


def name_outputs(around: Wrapping, roles: Roles, width: int) -> Iterator[tuple[str, tuple[int, list[str | int]]]]:
    """Give the outputs their names, types and shapes; say what these are."""
    if roles.task != "regression":
        yield "label", (label(around, roles), ["N"])
    if roles.scores is None:
        return
    scores = around.inner + roles.scores
    if width == 1:
        scores = around.add("Reshape", [scores, around.constant(np.array([-1]))])
    around.add("Cast", [scores], roles.called, to=TensorProto.DOUBLE)
    yield roles.called, (TensorProto.DOUBLE, ["N"] if width == 1 else ["N", width])


def label(around: Wrapping, roles: Roles) -> int:
    """Add the label; return its type."""
    classes = None if roles.classes is None else np.array(roles.classes)
    if roles.label is None:
        source = around.add("ArgMax", [around.inner + str(roles.scores)], axis=1, keepdims=0)
    else:
        source = around.add("Reshape", [around.inner + roles.label, around.constant(np.array([-1]))])
    if classes is not None and (roles.label is None or roles.numbered):
        if roles.label is not None:
            source = around.add("Cast", [source], to=TensorProto.INT64)
        around.add("Gather", [around.constant(classes), source], "label", axis=0)
        return LABEL_TYPES[classes.dtype.kind]
    found = TensorProto.STRING if classes is not None and classes.dtype.kind == "U" else TensorProto.INT64
    if found == TensorProto.STRING:
        around.add("Identity", [source], "label")
    else:
        around.add("Cast", [source], "label", to=found)
    return found
