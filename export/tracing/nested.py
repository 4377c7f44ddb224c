"""Transformers of scikit-learn's that a function, or a transformer of the user's own, calls itself."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.base import TransformerMixin

from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.arrays import Trace
from alpenglow._export.tracing.columns import TEXTS, real_of
from alpenglow._export.tracing.stand_ins import as_array, is_traced, trace_of


def transformers() -> Iterator[type]:
    """The classes of scikit-learn's that are loaded and have a `transform` of their own."""
    waiting: list[type] = [TransformerMixin]
    seen = set(waiting)
    while waiting:
        kind = waiting.pop()
        new: set[type] = set(kind.__subclasses__()) - seen
        seen |= new
        waiting += new
        if kind.__module__.startswith("sklearn.") and callable(vars(kind).get("transform")):
            yield kind


def nested(kind: type) -> Callable[..., Any]:
    """`transform` of a class: of stand-ins, what its converter makes of them."""
    original: Callable[..., Any] = vars(kind)["transform"]

    @wraps(original)
    def transform(self: Any, X: Any, *args: Any, **options: Any) -> Any:
        if not is_traced(X):
            return original(self, X, *args, **options)
        return recorded(trace_of(X), kind, original, self, X)

    return transform


def recorded(trace: Trace, kind: type, original: Callable[..., Any], model: Any, X: Any) -> Any:
    """What scikit-learn makes of the example, and the converter's nodes."""
    real = X.example if not isinstance(X, pd.DataFrame) else real_frame(X)
    made = original(model, real)
    if hasattr(made, "toarray"):
        trace.refuse(f"{kind.__name__} gives it a sparse matrix: have it make a dense one, with sparse_output=False")

    def build(nodes: Nodes) -> str:
        if kind not in nodes.transformers:
            trace.refuse(f"it calls {kind.__name__}, for which there is no converter")
        return nodes.matrix(nodes.transformers[kind](nodes, model, inputs_of(nodes, trace, X)))

    # Which of them are exact is known elsewhere: what follows is taken for equal to rounding.
    found = trace.record(np.asarray(made, np.float64), build, rounded=True)
    return pd.DataFrame(found, columns=made.columns, index=X.index) if isinstance(made, pd.DataFrame) else found


def real_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The example of a frame, as pandas has it."""
    parts = [real_of(frame.iloc[:, place]).set_axis(frame.index) for place in range(frame.shape[1])]
    whole: pd.DataFrame = pd.concat(parts, axis=1).set_axis(frame.columns, axis=1)
    return whole


def inputs_of(nodes: Nodes, trace: Trace, X: Any) -> Inputs:
    """A stand-in as the input of another estimator."""
    parts = [X] if not isinstance(X, pd.DataFrame) else [X.iloc[:, place] for place in range(X.shape[1])]
    found: list[Any] = []
    for part in parts:
        array = as_array(trace, part)
        dtype, kind = (TEXTS, StringTensorType) if array.is_text else (np.dtype(np.float64), DoubleTensorType)
        found += nodes.table(array.tensor_in(nodes, dtype), array.width, kind)
    return found
