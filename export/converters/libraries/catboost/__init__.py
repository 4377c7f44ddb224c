"""CatBoost's estimators, from the JSON that it saves of a model: trees compare float32 and add float64, as measured.

What it knows of a category is a hash; see `categories`.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import NOWHERE, Borders, Edge, label
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.links import expit
from alpenglow._export.arithmetic.trees import tree_totals
from alpenglow._export.converters.libraries.catboost.categories import known
from alpenglow._export.converters.libraries.catboost.dumped import Dump, dumped
from alpenglow._export.converters.libraries.catboost.statistics import compared
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor
from alpenglow._export.graph.text import is_string
from alpenglow._export.pipeline.integers import Integers
from alpenglow._export.pipeline.tasks import task_of

LIBRARY = PACKAGE = "catboost"
TESTED = ("1.2", "1.2")
LABELS = {"MultiLogloss", "MultiCrossEntropy"}
EXPONENTIAL = {"Poisson", "Tweedie"}


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The sum of the trees, and what the loss makes of it."""
    if model.get_text_feature_indices() or model.get_embedding_feature_indices():
        raise NotImplementedError("it was fitted on texts or embeddings, which CatBoost saves in its own format alone")
    dump = dumped(model)
    raw = tree_totals(nodes, features(nodes, model, dump, inputs), dump.trees)
    if dump.scale != 1.0:
        raw = nodes.add("Mul", [raw, nodes.constant(dump.scale)])
    if dump.bias.any():
        raw = nodes.add("Add", [raw, nodes.constant(dump.bias[np.newaxis])])
    if task_of(model) == "classification":
        return classification(nodes, model, dump.loss, raw, several=len(dump.bias) > 1)
    raises = type(model).__name__ == "CatBoostRegressor"  # to a power; the others predict raw scores
    return {"prediction": prediction(nodes, dump.loss, raw) if raises else raw}


def features(nodes: Nodes, model: Any, dump: Dump, inputs: Inputs) -> str:
    """What the trees compare, `[N, K]`: numbers, whether there is a category, and statistics of categories."""
    numbers = select(nodes, inputs, dump.numbers)
    text = next((variable for variable in numbers if is_string(variable)), None)
    if text is not None:
        raise NotImplementedError("it gets text where it was fitted on numbers")
    x = nodes.matrix(numbers) if numbers else None
    if not dump.categories:
        assert x  # noqa: S101 - it has columns
        return x
    columns = nodes.single_columns(select(nodes, inputs, dump.categories))
    found = compared(nodes, dump, x, columns, known(nodes.examples.get(id(model)), dump))
    parts = [x, *found] if x else found
    return nodes.add("Concat", parts, axis=1)


def classification(nodes: Nodes, model: Any, loss: str, raw: str, *, several: bool) -> Outputs:
    """Probabilities, and labels by the raw scores, which differ even where probabilities are rounded to equal ones."""
    classes = np.asarray(model.classes_)
    if classes.dtype.kind == "f" and (classes % 1 != 0).any():
        raise NotImplementedError(f"its labels are numbers with a fraction, such as {classes[classes % 1 != 0][0]}")
    if not several:
        if len(classes) != 2:
            raise NotImplementedError("it was fitted on one class, and has the probabilities of two")
        with np.errstate(divide="ignore"):
            border = -np.log(1.0 / np.float64(model.get_probability_threshold()) - 1.0)
        chosen = nodes.cast(nodes.flat(nodes.add("Greater", [raw, nodes.constant(border)])), TensorProto.INT64)
        second = expit(nodes, raw)
        both = nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), second]), second], axis=1)
        return {"label": at(nodes, classes, chosen), "probabilities": both}
    best = nodes.add("ArgMax", [raw], axis=1, keepdims=0)
    if loss == "MultiClass":
        return {"label": at(nodes, classes, best), "probabilities": nodes.add("Softmax", [raw], axis=1)}
    if loss == "MultiClassOneVsAll":
        return {"label": at(nodes, classes, best), "probabilities": expit(nodes, raw)}
    raise NotImplementedError(f"it has the loss {loss}{', and several labels' if loss in LABELS else ''}")


def prediction(nodes: Nodes, loss: str, raw: str) -> str:
    """A regression's answer of raw scores."""
    if loss in EXPONENTIAL:
        return nodes.add("Exp", [raw])
    if loss == "RMSEWithUncertainty":  # a mean, and the logarithm of a deviation, of which it tells the variance
        variance = nodes.add("Exp", [nodes.add("Mul", [nodes.pick(raw, [1]), nodes.constant(2.0)])])
        return nodes.add("Concat", [nodes.pick(raw, [0]), variance], axis=1)
    return raw


def hand_on(nodes: Nodes, model: Integers, inputs: Inputs) -> Inputs:
    """The same columns: what is no known category is unknown anyway."""
    return inputs


TRANSFORMERS = {Integers: hand_on}
BORDERS = {Integers: NOWHERE}


def is_shown(step: Any) -> bool:
    """Whether the sample has to tell what its categories are."""
    return hasattr(step, "get_cat_feature_indices") and bool(step.get_cat_feature_indices())


def predictors(catboost: Any) -> dict[type, Predictor]:
    """The converters."""
    kinds = (catboost.CatBoost, catboost.CatBoostClassifier, catboost.CatBoostRanker, catboost.CatBoostRegressor)
    return dict.fromkeys(kinds, convert)


def edges(model: Any) -> Iterable[Edge]:
    """The borders of numbers."""
    dump = dumped(model)
    numbers = np.array(dump.numbers, np.int64)
    for tree in dump.trees:
        inner = (tree.left >= 0) & (tree.feature < len(numbers))
        yield numbers[tree.feature[inner]], tree.threshold[inner], True


def borders(catboost: Any) -> dict[type, Borders]:
    """Where they decide."""
    return dict.fromkeys(predictors(catboost), Borders(edges)) | {
        catboost.CatBoostClassifier: Borders(edges, decisions=(label,))
    }
