"""Columns by name: some of a table's are changed, and all others stay what and where they are."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.graph.columns import merged, select, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._export.graph.times import is_time


def places(model: Any, names: Iterable[Any]) -> list[int]:
    """Where a fitted step has some columns."""
    known = {name: place for place, name in enumerate(model.feature_names_in_)}
    return [known[name] for name in names]


def matrix(nodes: Nodes, inputs: Inputs, positions: Sequence[int]) -> str:
    """Some columns as numbers `[N, K]`."""
    chosen = select(nodes, inputs, positions)
    if any(is_string(variable) or is_time(variable) for variable in chosen):
        raise NotImplementedError("it computes with a column that holds text or dates")
    return nodes.matrix(chosen)


def without(nodes: Nodes, inputs: Inputs, positions: Iterable[int]) -> Inputs:
    """All columns but some."""
    gone = set(positions)
    return select(nodes, inputs, [place for place in range(width(inputs)) if place not in gone])


def replaced(nodes: Nodes, inputs: Inputs, positions: Sequence[int], made: Inputs) -> Inputs:
    """The columns, those at some positions replaced by as many others."""
    rest = [place for place in range(width(inputs)) if place not in set(positions)]
    order = np.argsort([*rest, *positions])
    return merged(nodes, select(nodes, [*select(nodes, inputs, rest), *made], order))


def computed(nodes: Nodes, inputs: Inputs, positions: Sequence[int], make: Callable[[str], str]) -> Inputs:
    """The columns, those at some positions replaced by what is made of their numbers `[N, K]`."""
    if not positions:
        return inputs
    return replaced(nodes, inputs, positions, nodes.table(make(matrix(nodes, inputs, positions)), len(positions)))


def row(values: Iterable[Any]) -> NDArray[np.float64]:
    """One number for each column, `[1, K]`."""
    found = list(values)
    if any(isinstance(value, str) for value in found):
        raise NotImplementedError("it puts text among numbers")
    return np.array([found], np.float64)
