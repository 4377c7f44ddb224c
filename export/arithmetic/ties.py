"""Which of several equally far points a search for neighbours keeps.

Scikit-learn visits the points in some order and keeps the k nearest so far in a binary heap with the farthest on top. A
point that is nearer than the top takes its place and sinks; so which of the points at the k-th distance are left in the
end depends on how the heap happened to lie. Here a `Loop` replays that, for those rows only where it matters: one turn
for each point that entered the heap, on all rows at once.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from alpenglow._export.graph.nodes import Nodes


@dataclass
class Body:
    """A graph within the graph, with names that no column has."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def name(self) -> str:
        """The next name."""
        return f"\ufdd1 heap {len(self.nodes) + len(self.constants)}"

    def add(self, op: str, inputs: list[str], **attributes: Any) -> str:
        """Add a node; return its output."""
        output = self.name()
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, value: Any) -> str:
        """Add a tensor; return its name."""
        name = self.name()
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def graph(self, inputs: dict[str, tuple[int, int]], outputs: dict[str, tuple[int, int]]) -> GraphProto:
        """The whole, with inputs and outputs of given types and ranks."""

        def declared(tensors: dict[str, tuple[int, int]]) -> list[Any]:
            return [helper.make_tensor_value_info(name, kind, [None] * rank) for name, (kind, rank) in tensors.items()]

        return helper.make_graph(self.nodes, "heap", declared(inputs), declared(outputs), self.constants)


def chosen(nodes: Nodes, distances: str, places: str, count: int, early: float) -> str:
    """The numbers `[R, count]` of the points that a heap keeps, the nearest first.

    Args:
        nodes: Adds to the graph.
        distances: Reduced, `[R + 1, M]`. The last row is there lest there be none, and gets no answer.
        places: When each point is visited, float64 `[R + 1, M]`.
        count: The size of the heap.
        early: At least `count` points have a place below this.
    """
    # Only what is nearer than the k-th of the early points can enter the heap after those: most points cannot.
    endless = nodes.constant(np.inf)
    first = nodes.add("Less", [places, nodes.constant(early)])
    bound = nodes.pick(top_k(nodes, nodes.add("Where", [first, distances, endless]), count)[0], [count - 1])
    may_enter = nodes.add("Or", [first, nodes.add("Less", [distances, bound])])
    counts = nodes.add("ReduceSum", [nodes.cast(may_enter, TensorProto.INT64), nodes.constant(np.array([1]))])
    most = nodes.flat(nodes.add("ReduceMax", [counts]))
    when, who = top_k(nodes, nodes.add("Where", [may_enter, places, endless]), most)
    far = nodes.add("GatherElements", [distances, who], axis=1)
    values, points = replayed(nodes, far, when, count)
    nearest_first = nodes.add("GatherElements", [points, top_k(nodes, values, count)[1]], axis=1)
    ends = [nodes.constant(np.array([end])) for end in (0, -1, 0)]
    return nodes.add("Slice", [nodes.add("GatherElements", [who, nearest_first], axis=1), *ends])


def replayed(nodes: Nodes, distances: str, places: str, count: int) -> tuple[str, str]:
    """What is left in the heap, `[R, count]`, of candidates with their distances and places `[R, L]`."""
    body, turn, on = Body(), "\ufdd1 turn", "\ufdd1 on"
    values, points, last, far, place = (f"\ufdd1 {name}" for name in ("values", "points", "last", "far", "place"))
    top = body.add("Gather", [values, body.constant(np.array([0]))], axis=1)
    entering = body.add("And", [body.add("Less", [far, top]), body.add("Greater", [place, last])])
    endless = body.constant(np.inf)
    upcoming = body.add("Where", [entering, place, endless])
    point = body.add("ArgMin", [upcoming], axis=1, keepdims=1)
    now = body.add("GatherElements", [upcoming, point], axis=1)
    some = body.add("Less", [now, endless])
    value = body.add("Where", [some, body.add("GatherElements", [far, point], axis=1), endless])
    new_values, new_points = pushed(body, values, points, value, point, count)
    flags = body.add("Cast", [some], to=TensorProto.INT32)
    more = body.add("Cast", [body.add("ReduceMax", [flags], keepdims=0)], to=TensorProto.BOOL)
    kept = [body.add("Identity", [tensor]) for tensor in (far, place)]
    double, whole = (TensorProto.DOUBLE, 2), (TensorProto.INT64, 2)
    graph = body.graph(
        {
            turn: (TensorProto.INT64, 0),
            on: (TensorProto.BOOL, 0),
            values: double,
            points: whole,
            last: double,
            far: double,
            place: double,
        },
        {
            more: (TensorProto.BOOL, 0),
            new_values: double,
            new_points: whole,
            now: double,
            kept[0]: double,
            kept[1]: double,
        },
    )
    size = nodes.add(
        "Concat", [nodes.add("Shape", [distances], start=0, end=1), nodes.constant(np.array([count]))], axis=0
    )
    start = [
        nodes.add("Expand", [nodes.constant(np.array([[np.inf]])), size]),
        nodes.add("Expand", [nodes.constant(np.array([[0]])), size]),
        nodes.add("Expand", [nodes.constant(np.array([[-1.0]])), size]),
    ]
    start[2] = nodes.pick(start[2], [0])
    # One row is the one that is always there.
    any_row = nodes.add("Greater", [nodes.add("Size", [start[2]]), nodes.constant(np.int64(1))])
    final = [nodes.scope.get_unique_variable_name("heap") for _ in range(5)]
    nodes.container.add_node(
        "Loop",
        [nodes.constant(np.int64(2**62)), any_row, *start, distances, places],
        final,
        name=nodes.scope.get_unique_operator_name("Loop"),
        body=graph,
    )
    return final[0], final[1]


def pushed(body: Body, values: str, points: str, value: str, point: str, count: int) -> tuple[str, str]:
    """The heap `[R, count]` with its top replaced by something nearer, which sinks to where it belongs.

    It sinks along the farther of two children, the left one if both are as far, past all that are farther than itself.
    One place takes its farther child in, if that rises, or else the new point, if what was there rose.
    """
    place = np.arange(count)
    left, right = np.minimum(2 * place + 1, count), np.minimum(2 * place + 2, count)
    is_left = place % 2 == 1
    sibling = np.where(place == 0, count, np.where(is_left, np.minimum(place + 1, count), place - 1))
    # Column `count` stands for a child that is not there.
    shape = body.add("Shape", [point])
    nothing = body.add("Expand", [body.constant(-np.inf), shape])
    padded = body.add("Concat", [values, nothing], axis=1)
    other = body.add("Gather", [padded, body.constant(sibling)], axis=1)
    farther = body.add("Greater", [values, other])
    as_far = body.add("And", [body.add("Equal", [values, other]), body.constant(is_left[np.newaxis])])
    chosen = body.add("Cast", [body.add("Or", [farther, as_far])], to=TensorProto.DOUBLE)
    # A place is on the way down if it and all above it, but the top, were chosen.
    above = np.zeros((count, count))
    for start in range(1, count):
        at = start
        while at > 0:
            above[at, start] = 1
            at = (at - 1) // 2
    steps = body.add("MatMul", [chosen, body.constant(above)])
    on_way = body.add("Equal", [steps, body.constant(above.sum(axis=0)[np.newaxis])])
    rises = body.add("And", [on_way, body.add("Less", [value, values])])
    no = body.add("Expand", [body.constant(np.array(False)), shape])
    rising = body.add("Concat", [rises, no], axis=1)
    from_left, from_right = (body.add("Gather", [rising, body.constant(child)], axis=1) for child in (left, right))

    def moved(old: str, new: str, pad: str) -> str:
        known = body.add("Concat", [old, pad], axis=1)
        children = [body.add("Gather", [known, body.constant(child)], axis=1) for child in (left, right)]
        here = body.add("Where", [rises, new, old])
        return body.add("Where", [from_left, children[0], body.add("Where", [from_right, children[1], here])])

    return moved(values, value, nothing), moved(points, point, point)


def top_k(nodes: Nodes, distances: str, count: int | str) -> tuple[str, str]:
    """The smallest distances `[N, count]` in ascending order, and where they are; of equal ones the first."""
    values, order = nodes.scope.get_unique_variable_name("values"), nodes.scope.get_unique_variable_name("order")
    name = nodes.scope.get_unique_operator_name("TopK")
    size = count if isinstance(count, str) else nodes.constant(np.array([count]))
    nodes.container.add_node("TopK", [distances, size], [values, order], name=name, axis=1, largest=0, sorted=1)
    return values, order
