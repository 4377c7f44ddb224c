"""Metrics and kernels of the user's own: functions of two rows, or of two matrices of rows."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.kernels import pairwise
from alpenglow._export.graph.loops import for_each_row, repeated
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.pipeline.handed import ROWS
from alpenglow._export.tracing.arrays import Array, Trace
from alpenglow._export.tracing.run import OPERATIONS, attempted, traced
from alpenglow._export.tracing.vectors import Vector


def of_pairs(nodes: Nodes, function: Callable[[Any, Any], Any], x: str, points: NDArray[np.float64]) -> str:
    """What a function gives for each of the rows `[N, F]` and each of some points `[M, F]`, `[N, M]`.

    Raises:
        NotImplementedError: It does what cannot be recorded; the message has the place.
    """
    random = np.random.default_rng(0)
    examples = [points[random.integers(0, len(points), ROWS)] for _ in range(2)]

    def body(inside: Nodes, row: str) -> str:
        trace = Trace(inside, ROWS, OPERATIONS)
        tensors = repeated(inside, row, len(points)), inside.constant(points)
        one, other = (
            Vector(Array(trace, example, tensor, rounded=False))
            for example, tensor in zip(examples, tensors, strict=True)
        )
        made = attempted(trace, function, lambda: number(trace, function(one, other)))
        return inside.flat(made.tensor_in(inside, np.dtype(np.float64)))

    return for_each_row(nodes, x, body)


def between(nodes: Nodes, x: str, points: NDArray[Any], kernel: Any, own: Any = None, **options: Any) -> str:
    """What `sklearn.metrics.pairwise.pairwise_kernels` computes, `[N, M]`.

    Args:
        nodes: The graph.
        x: Rows, `[N, F]`.
        points: `[M, F]`.
        kernel: Its name, or a function of two rows.
        own: Further arguments of a function.
        options: Those of the kernels with names.
    """
    if callable(kernel):
        return of_pairs(nodes, partial(kernel, **(own or {})), x, np.asarray(points, np.float64))
    return pairwise(nodes, x, points, kernel, **options)


def number(trace: Trace, found: Any) -> Array:
    """What the function gave: one number for each pair."""
    if type(found) is not Array or found.ndim != 1:
        trace.refuse("it gives something else than one number that depends on the two rows")
    return found


def of_matrices(nodes: Nodes, function: Callable[[Any, Any], Any], x: str, points: NDArray[np.float64]) -> str:
    """What a function of rows `[N, F]` and points `[M, F]` gives, `[N, M]`.

    Raises:
        NotImplementedError: It does what cannot be recorded; the message has the place.
    """
    inputs = nodes.table(x, points.shape[1])
    example = points[np.random.default_rng(0).integers(0, len(points), ROWS)]
    made = traced(nodes, partial(handing, function, points), inputs, example)
    if sum(variable.type.shape[1] for variable in made) != len(points):
        raise NotImplementedError("its kernel does not give one number for each pair of rows")
    return nodes.matrix(made)


def handing(function: Callable[[Any, Any], Any], points: NDArray[np.float64], X: Any) -> Any:
    """A function of two matrices as one of the first."""
    return function(X, points)


def of_distances(nodes: Nodes, function: Callable[[Any], Any], distances: str, count: int) -> str:
    """What weights a function gives for distances `[N, count]`.

    Raises:
        NotImplementedError: It does what cannot be recorded; the message has the place.
    """
    example = np.sort(np.random.default_rng(0).random((ROWS, count)), axis=1)
    made = traced(nodes, function, nodes.table(distances, count), example)
    if sum(variable.type.shape[1] for variable in made) != count:
        raise NotImplementedError("its weights are not one for each distance")
    return nodes.matrix(made)
