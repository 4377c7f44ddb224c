"""Run a function once, with stand-ins for what scikit-learn hands it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType

from alpenglow._export.graph.columns import is_sparse, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.silence import silenced
from alpenglow._export.tracing import functions, products, ufuncs
from alpenglow._export.tracing.arrays import TEXT, Array, Operand, Operations, Trace
from alpenglow._export.tracing.columns import TEXTS, Column, is_text
from alpenglow._export.tracing.patched import patched
from alpenglow._export.tracing.refusals import UntraceableError, explained
from alpenglow._export.tracing.stand_ins import is_traced

T = TypeVar("T")
OPERATIONS = Operations(products.apply, ufuncs.power, functions.call, functions.METHODS)


def traced(nodes: Nodes, function: Callable[[Any], Any], inputs: Inputs, example: Any) -> Inputs:
    """The nodes for a function.

    Args:
        nodes: The graph.
        function: Computes on an array or a frame.
        inputs: What the graph has for it.
        example: Some rows of what scikit-learn hands it.

    Raises:
        NotImplementedError: It does what cannot be recorded; the message has the place.
    """
    if is_sparse(inputs) or hasattr(example, "toarray"):
        raise NotImplementedError("it gets a sparse matrix: have the step before it make a dense one")
    trace = Trace(nodes, len(example), OPERATIONS)
    if width(inputs) != (1 if example.ndim == 1 else example.shape[1]):
        raise NotImplementedError("it gets other columns than it seems")
    tensors = [variable.full_name for variable in nodes.single_columns(inputs)]
    made = run(trace, function, example, tensors)
    return [part for found in made for part in handed_on(nodes, found, tensors[0])]


def listened(function: Callable[[Any], Any], example: Any) -> Trace:
    """What a function compares, on rows of what scikit-learn hands it; nothing is added to a graph."""
    trace = Trace(None, len(example), OPERATIONS)
    run(trace, function, example, [""] * (1 if example.ndim == 1 else example.shape[1]))
    return trace


def run(trace: Trace, function: Callable[[Any], Any], example: Any, tensors: Sequence[str]) -> list[Any]:
    """What a function gives for stand-ins, as arrays."""
    return attempted(trace, function, lambda: arrays(trace, function(given(trace, example, tensors))))


def attempted(trace: Trace, function: Any, run: Callable[[], T]) -> T:
    """What a run of a function gives.

    Raises:
        NotImplementedError: It does what cannot be recorded; the message has the place.
    """
    try:
        with silenced(), np.errstate(all="ignore"), patched(trace, function):
            made = run()
    except Exception as error:
        # Whatever a function raises on stand-ins, it cannot be recorded.
        raise NotImplementedError(explained(trace.refused[0] if trace.refused else error, function)) from error
    if trace.refused:
        raise NotImplementedError(explained(trace.refused[0], function))
    return made


def given(trace: Trace, example: Any, tensors: Sequence[str]) -> Any:
    """The stand-in for an array or a frame, whose columns are these tensors `[N, 1]`."""
    if isinstance(example, pd.DataFrame):
        columns = [column(trace, example.iloc[:, place], tensor) for place, tensor in enumerate(tensors)]
        made = pd.concat([pd.Series(c, index=example.index) for c in columns], axis=1)
        return made.set_axis(example.columns, axis=1)
    if isinstance(example, pd.Series):
        return pd.Series(column(trace, example, tensors[0]), index=example.index, name=example.name)
    array = np.asarray(example)
    parts = [
        stand_in(trace, array[:, place] if array.ndim == 2 else array, tensor) for place, tensor in enumerate(tensors)
    ]
    return parts[0] if array.ndim == 1 else functions.beside(trace, parts, lambda _: array)


def column(trace: Trace, series: "pd.Series[Any]", tensor: str) -> Column:
    """The stand-in for a series."""
    dtype = series.dtype
    if not (is_text(dtype) or isinstance(dtype, np.dtype)):
        trace.refuse(f"its column {series.name!r} is {dtype}: fit the pipeline on float64, bool or text")
    return Column(stand_in(trace, series.to_numpy(TEXTS if is_text(dtype) else None), tensor), dtype)


def stand_in(trace: Trace, values: NDArray[Any], tensor: str) -> Array:
    """The stand-in for a column, whose tensor has float64 or text."""
    if values.dtype.kind == "O" and not any(isinstance(value, str) for value in values):
        values = values.astype(np.float64)
    if values.dtype.kind in TEXT:
        return Array(trace, values, tensor, rounded=False)
    wide = Array(trace, np.zeros(len(values)), tensor, rounded=False)
    return trace.record(values, lambda nodes: wide.tensor_in(nodes, values.dtype), wide)


def arrays(trace: Trace, found: Any) -> list[Any]:
    """What a function gave, as arrays; constants are given a stand-in's rows."""
    if isinstance(found, pd.DataFrame):
        return [part for place in range(found.shape[1]) for part in arrays(trace, found.iloc[:, place])]
    if type(found) is Array:
        return [found]
    if isinstance(getattr(found, "array", None), Column):
        return [found.array.array]
    if not is_traced(found) and hasattr(found, "shape"):
        return [trace.operand(np.asarray(found))]
    raise UntraceableError(f"it gives a {type(found).__name__}, which is no array and no frame of pandas'")


def handed_on(nodes: Nodes, found: Operand, like: str) -> Inputs:
    """An array as the input of another estimator; a constant in as many rows as another tensor has."""
    text = np.asarray(found.example).dtype.kind in TEXT
    kind = StringTensorType if text else DoubleTensorType
    tensor = found.tensor_in(nodes, TEXTS if text else np.dtype(np.float64))
    if type(found) is Array:
        return nodes.table(tensor, found.width, kind)
    width = np.atleast_2d(found.row).shape[1]
    return nodes.table(
        functions.repeated(nodes, nodes.add("Reshape", [tensor, nodes.constant(np.array([1, width]))]), like),
        width,
        kind,
    )
