"""Run a function once, with stand-ins for what scikit-learn hands it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType

from alpenglow._export.graph.columns import is_sparse, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.times import TimeTensorType, time_type
from alpenglow._export.pipeline.moments import counts, dtype_of
from alpenglow._export.pipeline.times import Kept, kept
from alpenglow._export.silence import silenced
from alpenglow._export.tracing import functions, ufuncs
from alpenglow._export.tracing.arrays import TEXT, Array, Operand, Operations, Trace
from alpenglow._export.tracing.calendar import Undated
from alpenglow._export.tracing.columns import TEXTS, Column, is_text
from alpenglow._export.tracing.patched import patched
from alpenglow._export.tracing.refusals import UntraceableError, explained
from alpenglow._export.tracing.stand_ins import is_traced

OPERATIONS = Operations(ufuncs.apply, ufuncs.power, functions.call, functions.METHODS)


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
    single = nodes.single_columns(inputs)
    tensors = [variable.full_name for variable in single]
    made = run(trace, function, example, tensors, [variable.type for variable in single])
    return [part for found in made for part in handed_on(nodes, found, tensors[0])]


def listened(function: Callable[[Any], Any], example: Any) -> Trace:
    """What a function compares, on rows of what scikit-learn hands it; nothing is added to a graph."""
    trace = Trace(None, len(example), OPERATIONS)
    run(trace, function, example, [""] * (1 if example.ndim == 1 else example.shape[1]))
    return trace


def texts_read(function: Callable[[Any], Any], example: Any) -> list["pd.Series[Any]"]:
    """The texts that a function makes moments of, as far as it can be followed."""
    trace = Trace(None, len(example), OPERATIONS)
    with suppress(NotImplementedError):
        run(trace, function, example, [""] * (1 if example.ndim == 1 else example.shape[1]))
    return trace.read


def run(
    trace: Trace, function: Callable[[Any], Any], example: Any, tensors: Sequence[str], types: Sequence[Any] = ()
) -> list[Any]:
    """What a function gives for stand-ins, as arrays, and as columns if they are moments or durations."""
    try:
        with silenced(), np.errstate(all="ignore"), patched(trace, function):
            made = arrays(trace, function(given(trace, example, tensors, types)))
    except Exception as error:
        # Whatever a function raises on stand-ins, it cannot be recorded.
        raise NotImplementedError(explained(trace.refused[0] if trace.refused else error, function)) from error
    if trace.refused:
        raise NotImplementedError(explained(trace.refused[0], function))
    return made


def given(trace: Trace, example: Any, tensors: Sequence[str], types: Sequence[Any] = ()) -> Any:
    """The stand-in for an array or a frame, whose columns are these tensors `[N, 1]`, perhaps of known types."""
    kinds = types or [None] * len(tensors)
    if isinstance(example, pd.DataFrame):
        columns = [column(trace, example.iloc[:, place], tensor, kinds[place]) for place, tensor in enumerate(tensors)]
        made = pd.concat([pd.Series(c, index=example.index) for c in columns], axis=1)
        return made.set_axis(example.columns, axis=1)
    if isinstance(example, pd.Series):
        return pd.Series(column(trace, example, tensors[0], kinds[0]), index=example.index, name=example.name)
    array = np.asarray(example)
    parts = [
        stand_in(trace, array[:, place] if array.ndim == 2 else array, tensor) for place, tensor in enumerate(tensors)
    ]
    return parts[0] if array.ndim == 1 else functions.beside(trace, parts, lambda _: array)


def column(trace: Trace, series: "pd.Series[Any]", tensor: str, kind: Any = None) -> Column:
    """The stand-in for a series."""
    dtype = series.dtype
    text = isinstance(kind, TimeTensorType) and is_text(dtype)
    how = Kept(kind.unit, kind.zone, plain=False) if text else kept(str(series.name), series)
    if how:
        return timed(trace, series, how, tensor)
    if not (is_text(dtype) or isinstance(dtype, np.dtype)):
        trace.refuse(f"its column {series.name!r} is {dtype}: fit the pipeline on float64, bool or text")
    return Column(stand_in(trace, series.to_numpy(TEXTS if is_text(dtype) else None), tensor), dtype)


def timed(trace: Trace, series: "pd.Series[Any]", how: Kept, tensor: str) -> Column:
    """The stand-in for a series of moments or durations."""
    declared = how.column(str(series.name))
    array = Array(trace, counts(series, declared).view(dtype_of(declared)), tensor, rounded=False)
    if not how.plain:
        return Undated(array, series.reset_index(drop=True))
    unit: Any = "s" if how.unit == "D" else how.unit
    inner = np.dtype(dtype_of(declared, unit)) if how.zone is None else pd.DatetimeTZDtype(unit, tz=how.zone)
    return Column(array.astype(dtype_of(declared, unit)), inner)


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
    held = getattr(found, "array", None)
    if isinstance(held, Column):
        return [held if held.is_time else held.array]
    if not is_traced(found) and hasattr(found, "shape"):
        return [trace.operand(np.asarray(found))]
    raise UntraceableError(f"it gives a {type(found).__name__}, which is no array and no frame of pandas'")


def handed_on(nodes: Nodes, found: Operand | Column, like: str) -> Inputs:
    """An array as the input of another estimator; a constant in as many rows as another tensor has."""
    if isinstance(found, Column):
        dtype = found.array.dtype
        made = time_type(str(np.datetime_data(dtype)[0]), found.zone, duration=dtype.kind == "m")
        return nodes.table(found.array.tensor, 1, made)
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
