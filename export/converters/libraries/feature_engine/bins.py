"""Bins at fitted edges, as numbers or as texts, and limits for what lies far out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import StringTensorType

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.converters.libraries.feature_engine.tables import computed, matrix, places, replaced, row
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import as_text


def discretise(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The number of each value's bin, or its edges as text."""
    return binned(nodes, model, inputs, texts=model.return_boundaries)


def binned(nodes: Nodes, model: Any, inputs: Inputs, *, texts: bool) -> Inputs:
    """The same, of any step that has edges."""
    made: list[Any] = []
    for name in model.variables_:
        edges = np.asarray(model.binner_dict_[name], np.float64)
        number = place(nodes, matrix(nodes, inputs, places(model, [name])), edges)
        if texts:
            spelled = nodes.constant(intervals(edges, model.precision))
            made += nodes.table(nodes.add("Gather", [spelled, nodes.flat(number)], axis=0), 1, StringTensorType)
        else:
            codes = nodes.constant(np.array([*np.arange(len(edges) - 1.0), np.nan])[:, np.newaxis])
            made += nodes.table(nodes.add("Gather", [codes, nodes.flat(number)], axis=0), 1)
    return replaced(nodes, inputs, places(model, model.variables_), made)


def place(nodes: Nodes, x: str, edges: NDArray[np.float64]) -> str:
    """The number of the bin `(low, high]` of numbers `[N, 1]`; one past the last for what is in none.

    The first bin has its lower edge, too, as `pandas.cut` does with `include_lowest`.
    """
    above = nodes.cast(nodes.add("Greater", [x, nodes.constant(edges[np.newaxis])]), TensorProto.INT64)
    number = nodes.add("ReduceSum", [above, nodes.constant([1])], keepdims=1)
    number = nodes.add("Max", [nodes.add("Sub", [number, nodes.constant(np.int64(1))]), nodes.constant(np.int64(0))])
    reached = nodes.add("GreaterOrEqual", [x, nodes.constant(edges[0])])
    inside = nodes.add("And", [reached, nodes.add("LessOrEqual", [x, nodes.constant(edges[-1])])])
    return nodes.add("Where", [inside, number, nodes.constant(np.int64(len(edges) - 1))])


def intervals(edges: NDArray[np.float64], precision: int) -> NDArray[Any]:
    """How pandas spells the bins, `[B + 1, 1]`; last what it makes of a number in none."""
    inside = pd.cut(edges[1:], list(edges), precision=precision, include_lowest=True)
    outside = pd.cut(np.array([np.nan]), list(edges), precision=precision, include_lowest=True)
    spelled = [*pd.Series(inside).astype(str), *pd.Series(outside).astype(str)]
    return np.array([[as_text(text)] for text in spelled], object)


def edges_of(model: Any) -> Iterable[Edge]:
    """The edges of the bins."""
    for name, edges in model.binner_dict_.items():
        yield at(model, name, edges)


def at(model: Any, name: Any, values: Sequence[float]) -> Edge:
    """Values at which a column decides."""
    return np.full(len(values), places(model, [name])[0]), np.asarray(values, np.float64), False


def cap(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Not above the one limit, not below the other, and flags for what was moved if wanted."""
    high, low = model.right_tail_caps_, model.left_tail_caps_
    found = computed(nodes, inputs, places(model, high), lambda x: limited(nodes, x, "Greater", high))
    found = computed(nodes, found, places(model, low), lambda x: limited(nodes, x, "Less", low))
    if not getattr(model, "add_indicators", False):
        return found
    positions = places(model, model.variables_)
    before, after = (matrix(nodes, some, positions) for some in (inputs, found))
    sides = {"left": "Greater", "right": "Less"}
    wanted = [sides[tail] for tail in sides if model.tail in (tail, "both")]
    flags = nodes.add("Concat", [nodes.add(name, [after, before]) for name in wanted], axis=1)
    order = np.arange(len(wanted) * len(positions)).reshape(len(wanted), -1).T.ravel()
    moved = nodes.table(nodes.cast(flags, TensorProto.DOUBLE), len(order))
    return [*found, *select(nodes, moved, order)]


def limited(nodes: Nodes, x: str, beyond: str, limits: Mapping[Any, float]) -> str:
    """A limit in place of what lies beyond it; what is missing stays missing."""
    limit = nodes.constant(row(limits.values()))
    return nodes.add("Where", [nodes.add(beyond, [x, limit]), limit, x])


def caps(model: Any) -> Iterable[Edge]:
    """The limits."""
    for limits in (model.right_tail_caps_, model.left_tail_caps_):
        for name, limit in limits.items():
            yield at(model, name, [limit])


OF_BINS, OF_CAPS = Borders(edges_of), Borders(caps)
