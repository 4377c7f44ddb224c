"""Class probabilities from those of pairs, by the iteration that libsvm runs for each row.

It is the second method of Wu, Lin and Weng (Probability estimates for multi-class classification by pairwise coupling,
2004). It stops early, with two classes, too, so its result is not the limit: the graph must stop at the same step.
"""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from alpenglow._export.graph.nodes import Nodes

LEAST = 1e-7  # libsvm keeps the pairs' probabilities this far from zero and one
STEPS = 100
PRECISION = 0.005


def coupled(nodes: Nodes, pairs: str, slope: NDArray[Any], offset: NDArray[Any], classes: int) -> str:
    """The classes' probabilities `[N, C]` from the pairs' decisions `[N, P]`."""
    matrix = quadratic(nodes, pair_probabilities(nodes, pairs, slope, offset), classes)
    rows = nodes.add("Shape", [pairs], start=0, end=1)
    shape = nodes.add("Concat", [rows, nodes.constant(np.array([classes]))], axis=0)
    start = nodes.add("Expand", [nodes.constant(np.full((1, classes), 1 / classes)), shape])
    found: list[str] = [nodes.scope.get_unique_variable_name(name) for name in ("coupled", "same")]
    nodes.container.add_node(
        "Loop",
        [nodes.constant(np.int64(max(STEPS, classes))), nodes.constant(np.True_), start, matrix],
        found,
        name=nodes.scope.get_unique_operator_name("Loop"),
        body=iteration(classes),
    )
    return found[0]


def pair_probabilities(nodes: Nodes, pairs: str, slope: NDArray[Any], offset: NDArray[Any]) -> str:
    """Platt's sigmoid: how probable the first class of each pair is, `[N, P]`."""
    raw = nodes.add("Mul", [pairs, nodes.constant(np.asarray(slope, np.float64))])
    growth = nodes.add("Exp", [nodes.add("Add", [raw, nodes.constant(np.asarray(offset, np.float64))])])
    share = nodes.add("Reciprocal", [nodes.add("Add", [growth, nodes.constant(1.0)])])
    return nodes.add("Clip", [share, nodes.constant(LEAST), nodes.constant(1 - LEAST)])


def quadratic(nodes: Nodes, first: str, classes: int) -> str:
    """The matrix Q `[N, C, C]` of the quadratic form whose minimum the iteration looks for.

    With r[i, j] the probability of i against j: Q[i, j] = -r[j, i] * r[i, j], Q[i, i] = sum(r[j, i]**2 for j != i).
    """
    second = nodes.add("Sub", [nodes.constant(1.0), first])
    pairs = list(combinations(range(classes), 2))
    place = np.zeros((classes, classes), np.int64)
    for number, (i, j) in enumerate(pairs):
        place[i, j], place[j, i] = number, len(pairs) + number
    against = nodes.add("Gather", [nodes.add("Concat", [first, second], axis=1), nodes.constant(place)], axis=1)
    against = nodes.add("Mul", [against, nodes.constant(1 - np.eye(classes))])
    both = nodes.add("Mul", [against, nodes.add("Transpose", [against], perm=[0, 2, 1])])
    squares = nodes.add("ReduceSumSquare", [against, nodes.constant(np.array([1]))], keepdims=1)
    return nodes.add("Sub", [nodes.add("Mul", [squares, nodes.constant(np.eye(classes))]), both])


class Body:
    """The nodes of a graph within a node, whose names are its own."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[Any] = []

    def add(self, op: str, inputs: list[str], output: str | None = None, **attributes: Any) -> str:
        """Add a node; return its output's name."""
        output = output or f"coupling {len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, value: Any) -> str:
        """Add a tensor; return its name."""
        name = f"coupling constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def iteration(classes: int) -> GraphProto:
    """One step for all rows; those that have arrived stay where they are."""
    body = Body()
    p, q = "coupling p", "coupling q"
    last, one = body.constant(np.array([1])), body.constant(1.0)
    product = body.add("MatMul", [q, body.add("Unsqueeze", [p, body.constant(np.array([2]))])])
    qp = body.add("Squeeze", [product, body.constant(np.array([2]))])
    pqp = body.add("ReduceSum", [body.add("Mul", [p, qp]), last], keepdims=1)
    error = body.add("ReduceMax", [body.add("Abs", [body.add("Sub", [qp, pqp])]), last], keepdims=1)
    moving = body.add("GreaterOrEqual", [error, body.constant(PRECISION / classes)])
    moved = p
    for place in range(classes):
        moved, qp, pqp = along(body, moved, q, qp, pqp, one, place, classes)
    body.add("Where", [moving, moved, p], "coupling p next")
    body.add("Identity", [q], "coupling q next")
    some = body.add("ReduceMax", [body.add("Cast", [moving], to=TensorProto.INT32)], keepdims=0)
    body.add("Cast", [some], "coupling going on next", to=TensorProto.BOOL)
    real, flag = TensorProto.DOUBLE, TensorProto.BOOL
    inputs = [("coupling step", TensorProto.INT64), ("coupling going on", flag), (p, real), (q, real)]
    outputs = [("coupling going on next", flag), ("coupling p next", real), ("coupling q next", real)]
    ranks = {p: 2, q: 3, "coupling p next": 2, "coupling q next": 3}

    def declared(name: str, kind: int) -> Any:
        return helper.make_tensor_value_info(name, kind, [None] * ranks.get(name, 0))

    return helper.make_graph(
        body.nodes,
        "coupling",
        [declared(*each) for each in inputs],
        [declared(*each) for each in outputs],
        body.constants,
    )


def along(body: Body, p: str, q: str, qp: str, pqp: str, one: str, place: int, classes: int) -> tuple[str, str, str]:
    """Move along one coordinate, and bring p, Qp and pQp up to date as libsvm does."""
    row = body.add("Gather", [q, body.constant(np.int64(place))], axis=1)  # [N, C]
    at = body.constant(np.array([place]))
    own, own_qp = (body.add("Gather", [x, at], axis=1) for x in (row, qp))  # [N, 1]
    step = body.add("Div", [body.add("Sub", [pqp, own_qp]), own])
    grown = body.add("Add", [step, one])
    curve = body.add("Add", [body.add("Mul", [step, own]), body.add("Mul", [own_qp, body.constant(2.0)])])
    rest = body.add("Add", [pqp, body.add("Mul", [step, curve])])
    pqp = body.add("Div", [body.add("Div", [rest, grown]), grown])
    qp = body.add("Div", [body.add("Add", [qp, body.add("Mul", [step, row])]), grown])
    unit = body.constant(np.eye(classes)[place])
    p = body.add("Div", [body.add("Add", [p, body.add("Mul", [step, unit])]), grown])
    return p, qp, pqp
