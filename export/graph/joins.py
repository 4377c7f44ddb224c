"""The columns of a kind, joined in the graph's first nodes, so that the service can give all of them as one tensor.

Converters take columns as they need them. Here each of these uses becomes a part of one tensor for all numbers
`[N, K]`, one for all texts `[N, S]` or one for all times `[N, T]`, whose types the graph declares: `serve.graph` finds
them by that.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def join(
    nodes: Sequence[onnx.NodeProto], kinds: dict[str, int], free: Callable[[], str]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], list[onnx.ValueInfoProto]]:
    """Let nodes take columns from joined tensors.

    Args:
        nodes: In the order in which they are computed; they are changed.
        kinds: The columns that they read, in the signature's order, and the type of each.
        free: Makes a name that nothing has yet.

    Returns:
        The nodes with the joins before them, the constants that those need, and what the joins give.
    """
    heads: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    declared: list[onnx.ValueInfoProto] = []
    kept = list(nodes)
    for kind in (TensorProto.DOUBLE, TensorProto.STRING, TensorProto.INT64):
        columns = [column for column, found in kinds.items() if found == kind]
        if len(columns) < 2:
            continue
        joined = free()
        declared.append(helper.make_tensor_value_info(joined, kind, ["N", len(columns)]))
        heads.append(helper.make_node("Concat", columns, [joined], axis=1))
        kept = [part for node in kept if (part := selection(node, columns, joined, constants, free))]
        rename(kept, {node.output[0]: joined for node in nodes if is_join(node) and list(node.input) == columns})
        heads += alone(kept, columns, joined, constants, free)
    return [*heads, *kept], constants, declared


def is_join(node: onnx.NodeProto) -> bool:
    """Whether it puts columns beside each other."""
    return node.op_type == "Concat" and [attribute.i for attribute in node.attribute if attribute.name == "axis"] == [1]


def selection(
    node: onnx.NodeProto,
    columns: Sequence[str],
    joined: str,
    constants: list[onnx.TensorProto],
    free: Callable[[], str],
) -> onnx.NodeProto | None:
    """The node, or what takes its place where it does nothing but join columns; None where it joins all of them."""
    if not (is_join(node) and set(node.input) <= set(columns)):
        return node
    if list(node.input) == list(columns):
        return None
    places = numpy_helper.from_array(np.array([columns.index(name) for name in node.input]), free())
    constants.append(places)
    return helper.make_node("Gather", [joined, places.name], node.output, name=node.output[0], axis=1)


def alone(
    nodes: Iterable[onnx.NodeProto],
    columns: Sequence[str],
    joined: str,
    constants: list[onnx.TensorProto],
    free: Callable[[], str],
) -> list[onnx.NodeProto]:
    """The node that takes the joined tensor apart, `[N, 1]` each, for those that want single columns."""
    nodes = list(nodes)
    if not {name for node in nodes for name in node.input}.intersection(columns):
        return []
    parts = {name: free() for name in columns}  # ONNX Runtime does not survive an output without a name here
    rename(nodes, parts)
    sizes = numpy_helper.from_array(np.ones(len(columns), np.int64), free())
    constants.append(sizes)
    return [helper.make_node("Split", [joined, sizes.name], list(parts.values()), axis=1)]


def rename(nodes: Iterable[onnx.NodeProto], names: dict[str, str]) -> None:
    """Let nodes read another tensor."""
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
