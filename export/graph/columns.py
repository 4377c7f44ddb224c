"""Columns on their way through the transformers: variables of skl2onnx's, `[N, K]` each, in order."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import DoubleTensorType

from alpenglow._export.graph.hashes import Hashes
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._export.graph.times import is_time


class SparseTensorType(DoubleTensorType):  # type: ignore[misc]
    """Float64 in the graph, a sparse matrix in scikit-learn, which computes otherwise on those: x * (1 / s), not x / s.

    Pipelines cannot see the difference, but the last bit can; and XGBoost, to which zeros are missing there.
    """


class Float32TensorType(DoubleTensorType):  # type: ignore[misc]
    """Float64 in the graph, float32 in scikit-learn: all numbers are such, and what is made of them is rounded so."""


def is_float32(inputs: Inputs) -> bool:
    """Whether scikit-learn has float32 here, once the columns are joined."""
    return all(isinstance(variable.type, Float32TensorType) for variable in inputs)


def narrowed(nodes: Nodes, x: str) -> str:
    """Float64 rounded to what float32 can hold.

    Nothing is added at the end: a cast alone right before trees would be read as the trees' own.
    """
    rounded = nodes.cast(nodes.cast(x, TensorProto.FLOAT), TensorProto.DOUBLE)
    return nodes.add("Add", [rounded, nodes.constant(np.float64(-0.0))])


def is_sparse(inputs: Inputs) -> bool:
    """Whether scikit-learn has a sparse matrix here."""
    return any(isinstance(variable.type, SparseTensorType) for variable in inputs)


def kind_of(inputs: Inputs) -> type[DoubleTensorType]:
    """What scikit-learn has once they are joined."""
    if is_sparse(inputs):
        return SparseTensorType
    return Float32TensorType if inputs and is_float32(inputs) else DoubleTensorType


def as_kind(nodes: Nodes, inputs: Inputs, *, sparse: bool) -> Inputs:
    """The same numbers, to be taken for sparse or for dense; text and times stay as they are."""
    kind = SparseTensorType if sparse else DoubleTensorType
    return [
        variable
        if is_string(variable) or is_time(variable) or isinstance(variable.type, SparseTensorType) is sparse
        else nodes.table(variable.full_name, variable.type.shape[1], kind)[0]
        for variable in inputs
    ]


def width(inputs: Inputs) -> int:
    """How many columns there are."""
    return sum(variable.type.shape[1] for variable in inputs)


def select(nodes: Nodes, inputs: Inputs, positions: Iterable[int]) -> Inputs:
    """The columns at these positions, in this order, each with its type."""
    places = [(variable, at) for variable in inputs for at in range(variable.type.shape[1])]
    found: list[Any] = []
    for _, run in groupby((places[int(position)] for position in positions), key=lambda place: id(place[0])):
        chosen = list(run)
        variable, picked = chosen[0][0], [at for _, at in chosen]
        size = variable.type.shape[1]
        whole = len(picked) // size
        if picked == list(range(size)) * whole:
            found += [variable] * whole
        else:
            some = variable.chosen(picked) if isinstance(variable, Hashes) else nodes.pick(variable.full_name, picked)
            found += nodes.table(some, len(picked), type(variable.type))
    return found


def merged(nodes: Nodes, inputs: Inputs) -> Inputs:
    """The same columns in as few variables as their types allow."""
    found: list[Any] = []
    for kind, run in groupby(inputs, key=lambda variable: type(variable.type)):
        same = list(run)
        if len(same) > 1:
            joined = nodes.add("Concat", [variable.full_name for variable in same], axis=1)
            found += nodes.table(joined, width(same), kind)
        else:
            found += same
    return found
