"""FunctionTransformer: a function of NumPy's that ONNX has, too, or one that computes on arrays or columns."""

from functools import partial
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.functions import FUNCTIONS
from alpenglow._export.converters.own import function_of
from alpenglow._export.graph.columns import as_kind, is_sparse, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._export.graph.times import is_time
from alpenglow._export.tracing.run import traced


def apply(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """A function of NumPy's on all columns at once, or the nodes for what a function of the user's own does."""
    if model.func is None:
        return inputs
    if is_known(model.func, model.kw_args) and not any(is_string(variable) or is_time(variable) for variable in inputs):
        made = FUNCTIONS[model.func](nodes, nodes.matrix(inputs))
        return as_kind(nodes, nodes.table(made, width(inputs)), sparse=is_sparse(inputs))
    return traced(nodes, function_of(model), inputs, nodes.example_of(model, inputs))


def inverse(nodes: Nodes, model: Any, x: str, count: int) -> str:
    """The inverse function on numbers `[N, T]`, if there is one."""
    if model.inverse_func is None:
        return x
    if is_known(model.inverse_func, model.inv_kw_args):
        return FUNCTIONS[model.inverse_func](nodes, x)
    function = partial(model.inverse_func, **(model.inv_kw_args or {}))
    inputs = nodes.table(x, count)
    return nodes.matrix(traced(nodes, function, inputs, nodes.example_of(None, inputs)))


def is_known(function: Any, arguments: Any) -> bool:
    """Whether it is a function of NumPy's that there are nodes for."""
    return isinstance(function, np.ufunc) and function in FUNCTIONS and not arguments


TRANSFORMERS = {FunctionTransformer: apply}
TIMES = (FunctionTransformer,)
BORDERS = {FunctionTransformer: NOWHERE}
