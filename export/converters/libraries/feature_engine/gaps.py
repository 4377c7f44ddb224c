"""What takes the place of missing values, and flags for them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.converters.libraries.feature_engine.tables import places, replaced, row
from alpenglow._export.graph.columns import merged, select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import as_text, is_string
from alpenglow._export.graph.times import NAT, is_time
from alpenglow._serve.signature import MISSING


def fill(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """A value for each column in place of what is missing there."""
    positions, values = places(model, model.imputer_dict_), list(model.imputer_dict_.values())
    found: list[Any] = []
    at = 0
    for variable in merged(nodes, select(nodes, inputs, positions)):
        size = variable.type.shape[1]
        some = values[at : at + size]
        given = np.array([[as_text(v) for v in some]], object) if is_string(variable) else row(some)
        filled = nodes.add("Where", [missing(nodes, variable), nodes.constant(given), variable.full_name])
        found += nodes.table(filled, size, type(variable.type))
        at += size
    return replaced(nodes, inputs, positions, found)


def missing(nodes: Nodes, variable: Any) -> str:
    """Which values `[N, K]` are missing."""
    if is_string(variable):
        return nodes.add("Equal", [variable.full_name, nodes.constant(np.array(MISSING, object))])
    if is_time(variable):
        return nodes.add("Equal", [variable.full_name, nodes.constant(np.int64(NAT))])
    return nodes.add("IsNaN", [variable.full_name])


def indicate(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All columns, and one where a value is missing in some of them."""
    found = list(inputs)
    for variable in merged(nodes, select(nodes, inputs, places(model, model.variables_))):
        flags = nodes.cast(missing(nodes, variable), TensorProto.DOUBLE)
        found += nodes.table(flags, variable.type.shape[1])
    return found


def fills(model: Any) -> Iterable[Edge]:
    """The numbers that it puts in."""
    numbers = {name: value for name, value in model.imputer_dict_.items() if not isinstance(value, str)}
    yield np.array(places(model, numbers), np.int64), np.array(list(numbers.values()), np.float64), False


OF_FILLS = Borders(fills)
