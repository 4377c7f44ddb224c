"""Nodes that are run for each row alone, where all rows at once would take too much memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper

from alpenglow._export.graph.nodes import ML5, Nodes

INSIDE = "\ufdd1 "  # what names within begin with: no column's does


@dataclass
class Inside:
    """Takes nodes as skl2onnx's container does, for a graph within the graph."""

    outer: Any
    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)

    def add_node(
        self,
        op: str,
        inputs: list[str],
        outputs: str | list[str],
        name: str,
        op_domain: str = "",
        op_version: int = 1,
        **attributes: Any,
    ) -> None:
        """Add a node."""
        if op_domain:
            self.outer.node_domain_version_pair_sets.add((op_domain, op_version))
        domain = "ai.onnx.ml" if op_domain == ML5 else op_domain
        made = [INSIDE + output for output in ([outputs] if isinstance(outputs, str) else outputs)]
        given = [INSIDE + name if name else name for name in inputs]
        self.nodes.append(helper.make_node(op, given, made, name=name, domain=domain, **attributes))

    def add_initializer(self, name: str, kind: Any, shape: Any, tensor: TensorProto) -> None:
        """Add a constant."""
        tensor.name = name
        self.initializers.append(tensor)


def for_each_row(nodes: Nodes, x: str, body: Callable[[Nodes, str], str]) -> str:
    """What a body makes of each row, `[N, K]`.

    Args:
        nodes: The graph.
        x: float64 `[N, F]`.
        body: Adds to a graph what makes float64 `[K]` of the name of a row `[F]`.
    """
    container = Inside(nodes.container)
    row = nodes.scope.get_unique_variable_name("row")
    made = body(replace(nodes, container=container), row)
    for tensor in container.initializers:
        tensor.name = INSIDE + tensor.name
    ends = [helper.make_tensor_value_info(INSIDE + name, TensorProto.DOUBLE, [None]) for name in (row, made)]
    graph = helper.make_graph(container.nodes, "row", ends[:1], ends[1:], container.initializers)
    return nodes.add("Scan", [x], body=graph, num_scan_inputs=1)


def repeated(nodes: Nodes, row: str, count: int) -> str:
    """A row `[F]` as many rows, `[count, F]`."""
    one = nodes.add("Unsqueeze", [row, nodes.constant(np.array([0]))])
    return nodes.add("Expand", [one, nodes.constant(np.array([count, 1]))])
