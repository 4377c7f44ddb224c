"""KBinsDiscretizer: float64 edges, compared as scikit-learn compares them; skl2onnx's rounds them to float32."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.preprocessing import KBinsDiscretizer

from alpenglow._export.arithmetic.borders import Borders, by_feature
from alpenglow._export.graph.columns import as_kind
from alpenglow._export.graph.nodes import Inputs, Nodes


def discretise(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The number of each value's bin, or one column for each bin."""
    x = nodes.matrix(inputs)
    if model.dtype == np.float32:
        x = nodes.cast(nodes.cast(x, TensorProto.FLOAT), TensorProto.DOUBLE)
    inner = [np.asarray(edges, np.float64)[1:-1] for edges in model.bin_edges_]
    if model.encode == "ordinal":
        return nodes.table(numbers(nodes, x, inner), len(inner))
    total = sum(len(edges) + 1 for edges in inner)
    return as_kind(nodes, nodes.table(flags(nodes, x, inner), total), sparse=model.encode == "onehot")


def numbers(nodes: Nodes, x: str, inner: list[Any]) -> str:
    """How many of the edges between its bins each value has reached, `[N, F]`."""
    most = max(1, *map(len, inner))
    edges = np.array([[*one, *[np.inf] * (most - len(one))] for one in inner])
    reached = nodes.add("GreaterOrEqual", [nodes.add("Unsqueeze", [x, nodes.constant([2])]), nodes.constant([edges])])
    return nodes.add("ReduceSum", [nodes.cast(reached, TensorProto.DOUBLE), nodes.constant([2])], keepdims=0)


def flags(nodes: Nodes, x: str, inner: list[Any]) -> str:
    """One where a value is in a bin, all bins of all columns side by side."""
    repeated = nodes.pick(x, np.repeat(np.arange(len(inner)), [len(edges) + 1 for edges in inner]))
    low = np.concatenate([[-np.inf, *edges] for edges in inner])
    high = np.concatenate([[*edges, np.inf] for edges in inner])
    reached = nodes.add("GreaterOrEqual", [repeated, nodes.constant([low])])
    inside = nodes.add("And", [reached, nodes.add("Less", [repeated, nodes.constant([high])])])
    return nodes.cast(inside, TensorProto.DOUBLE)


TRANSFORMERS = {KBinsDiscretizer: discretise}
BORDERS = {KBinsDiscretizer: Borders(lambda model: by_feature(model.bin_edges_))}
