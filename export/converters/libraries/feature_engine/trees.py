"""Trees in place of columns, or beside them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import StringTensorType

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.converters.libraries.feature_engine.bins import binned, edges_of
from alpenglow._export.converters.libraries.feature_engine.tables import places, replaced, without
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes


def discretise(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What a tree predicts for each column, or the number or the edges of its leaf."""
    if model.bin_output != "prediction":
        return binned(nodes, model, inputs, texts=model.bin_output == "boundaries")
    made: list[Any] = []
    for name in model.variables_:
        given = select(nodes, inputs, places(model, [name]))
        method = "prediction" if model.regression else "probabilities"
        made += predicted(nodes, model.binner_dict_[name], given, method, model.precision)
    return replaced(nodes, inputs, places(model, model.variables_), made)


def features(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All columns, and what trees predict from some of them."""
    method = "prediction" if model.regression else "probabilities" if model._is_binary == "binary" else "label"
    found = list(without(nodes, inputs, places(model, model.variables_)) if model.drop_original else inputs)
    for names, tree in zip(model.input_features_, model.estimators_, strict=True):
        given = select(nodes, inputs, places(model, names_of(names)))
        found += predicted(nodes, tree, given, method, model.precision)
    return found


def names_of(combined: Any) -> list[Any]:
    """The columns that a tree has, of which a single one is no list."""
    return combined if isinstance(combined, list) else [combined]


def predicted(nodes: Nodes, tree: Any, inputs: Inputs, method: str, precision: int | None) -> Inputs:
    """A label, a prediction, or the probability of the second class, rounded if wanted."""
    found = nodes.outputs(tree, inputs)[method]
    if method == "label":
        text = tree.classes_.dtype.kind in "OUST"
        label = nodes.column(found)
        return nodes.table(label, 1, StringTensorType) if text else nodes.table(cast(nodes, label), 1)
    if method == "probabilities":
        found = nodes.pick(found, [1])
    if precision is not None:
        power = nodes.constant(np.float64(10.0**precision))
        found = nodes.add("Div", [nodes.add("Round", [nodes.add("Mul", [found, power])]), power])
    return nodes.table(found, 1)


def cast(nodes: Nodes, x: str) -> str:
    """As float64."""
    return nodes.cast(x, TensorProto.DOUBLE)


def bin_edges(model: Any) -> Iterable[Edge]:
    """The thresholds of the trees, or the edges of the bins that were made of them."""
    if model.bin_output != "prediction":
        yield from edges_of(model)
        return
    for name, search in model.binner_dict_.items():
        yield from thresholds(model, search, [name])


def feature_edges(model: Any) -> Iterable[Edge]:
    """The thresholds of the trees."""
    for names, search in zip(model.input_features_, model.estimators_, strict=True):
        yield from thresholds(model, search, names_of(names))


def thresholds(model: Any, search: Any, names: list[Any]) -> Iterable[Edge]:
    """The thresholds of the tree that a search has found for some columns."""
    tree = search.best_estimator_.tree_
    inner = tree.feature >= 0
    yield np.array(places(model, names))[tree.feature[inner]], tree.threshold[inner], True


OF_BINS, OF_FEATURES = Borders(bin_edges), Borders(feature_edges)
