"""Products of an array with a matrix that does not depend on the rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing import ufuncs
from alpenglow._export.tracing.arrays import Array, Trace


def apply(trace: Trace, ufunc: np.ufunc, inputs: Sequence[Any]) -> Any:
    """Record a ufunc, a product of matrices among them."""
    return matmul(trace, *inputs) if ufunc is np.matmul else ufuncs.apply(trace, ufunc, inputs)


def matmul(trace: Trace, a: Any, b: Any, **options: Any) -> Any:
    """`a @ b` of rows `[N, F]` and a matrix `[F, K]` or a vector `[F]`; BLAS adds in an order of its own."""
    if type(a) is not Array or a.ndim != 2 or type(b) is Array or np.ndim(b) not in (1, 2) or options:
        trace.refuse("of products of matrices, that of the rows with a matrix that is none of theirs can be recorded")
    weights = np.asarray(b)

    def build(nodes: Nodes) -> str:
        wide = np.dtype(np.float64)
        columns = nodes.constant(weights.astype(wide).reshape(len(weights), -1))
        return nodes.add("MatMul", [a.tensor_in(nodes, wide), columns])

    return trace.record(np.asarray(a.example, np.float64) @ weights, build, a, rounded=True)
