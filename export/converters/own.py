"""Transformers of the user's own: what their `transform` computes on arrays or columns."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.errors import OWN_CONVERTER
from alpenglow._export.graph.nodes import Inputs, Nodes, Transformer
from alpenglow._export.tracing.run import traced


def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What skl2onnx has a converter for, or the nodes for `transform`, with the attributes that it reads as constants.

    Raises:
        NotImplementedError: Neither can be had.
    """
    name = type(model).__name__
    if type(model).__module__.startswith("sklearn."):
        raise NotImplementedError("there is no exact converter for this transformer")
    if not hasattr(model, "transform"):
        raise NotImplementedError(f"there is no converter for it; {OWN_CONVERTER.format(name=name)}")
    example = nodes.example_of(model, inputs)
    if nodes.is_foreign(model):
        return nodes.foreign_features(model, inputs, np.shape(model.transform(example))[1])
    try:
        return traced(nodes, function_of(model), inputs, example)
    except NotImplementedError as error:
        raise NotImplementedError(f"{error}; if it has to, {OWN_CONVERTER.format(name=name)}") from error


def function_of(model: Any) -> Callable[[Any], Any]:
    """What a step calls with its input: a function with its other arguments, or its own `transform`."""
    if not isinstance(model, FunctionTransformer):
        return partial(type(model).transform, model)
    function = partial(model.func, **(model.kw_args or {}))
    return partial(of_array, function) if model.validate else function


def of_array(function: Callable[[Any], Any], X: Any) -> Any:
    """A function of what scikit-learn makes an array of numbers before."""
    return function(np.asarray(X, np.float64))


TRANSFORMERS: dict[type, Transformer] = {object: transform}
BORDERS = {object: NOWHERE}
