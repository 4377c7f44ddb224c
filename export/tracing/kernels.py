"""Kernels of scikit-learn's that a kernel of the user's own calls."""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
import sklearn.metrics.pairwise

from alpenglow._export.arithmetic.kernels import pairwise
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.arrays import Array
from alpenglow._export.tracing.stand_ins import as_array, is_traced, trace_of

NAMES = {
    "cosine_similarity": "cosine",
    "laplacian_kernel": "laplacian",
    "linear_kernel": "linear",
    "polynomial_kernel": "poly",
    "rbf_kernel": "rbf",
    "sigmoid_kernel": "sigmoid",
}


def kernels() -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    """What is replaced while a function runs: where, its name, and by what."""
    for name, metric in NAMES.items():
        yield sklearn.metrics.pairwise, name, recorded(getattr(sklearn.metrics.pairwise, name), metric)


def recorded(original: Callable[..., Any], metric: str) -> Callable[..., Any]:
    """A kernel: of stand-ins, the nodes that converters of models with it use."""

    @wraps(original)
    def kernel(*args: Any, **options: Any) -> Any:
        if not is_traced(*args, *options.values()):
            return original(*args, **options)
        given = inspect.signature(original).bind(*args, **options).arguments
        trace = trace_of(*args, *options.values())
        x, points = as_array(trace, given.pop("X")), given.pop("Y", None)
        if type(x) is not Array or x.ndim != 2 or points is None or is_traced(points):
            trace.refuse(
                f"of {original.__name__}, that of the rows with others that are none of theirs can be recorded"
            )

        def build(nodes: Nodes) -> str:
            wide = x.tensor_in(nodes, np.dtype(np.float64))
            return pairwise(nodes, wide, np.asarray(points, np.float64), metric, **given)

        return trace.record(original(x.example, points, **given), build, x, rounded=True)

    return kernel
