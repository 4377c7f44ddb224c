"""interpret's explainable boosting machines: a table for each feature, and for some pairs of them, and their sum.

Bins are found and tables are added as its `ebm_predict_scores` does: the intercept, then the terms in their order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge, label
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.links import expit
from alpenglow._export.arithmetic.trees import tree_sums
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.converters.preprocessing.quantile import search
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor
from alpenglow._export.graph.text import is_string
from alpenglow._export.pipeline.tasks import task_of

LIBRARY = "interpret"
PACKAGE = "interpret-core"
TESTED = ("0.7", "0.7")
MISSING, UNKNOWN = 0, -1  # bins
Level = tuple[int, int]  # a feature, and which of its ways to be cut


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The scores `[N, K]`, and what the link makes of them."""
    if model.link_ == "monoclassification":
        raise NotImplementedError("it was fitted on a single class")
    scores = summed(nodes, model, bins_of(nodes, model, nodes.single_columns(inputs)))
    if task_of(model) == "regression":
        return {"prediction": nodes.add("Exp", [scores]) if model.link_ == "log" else scores}
    if model.link_ == "logit":
        chosen = nodes.add("Greater", [nodes.flat(scores), nodes.constant(0.0)])
        second = expit(nodes, scores)
        both = nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), second]), second], axis=1)
        return {"label": at(nodes, model.classes_, nodes.cast(chosen, TensorProto.INT64)), "probabilities": both}
    best = nodes.add("ArgMax", [scores], axis=1, keepdims=0)
    found = nodes.add("Softmax", [scores], axis=1) if model.link_ == "mlogit" else expit(nodes, scores)
    return {"label": at(nodes, model.classes_, best), "probabilities": found}


def level(model: Any, feature: int, features: int) -> Level:
    """How a term of so many features cuts one of them."""
    return feature, min(len(model.bins_[feature]), features) - 1


def levels(model: Any) -> list[Level]:
    """All that the terms need."""
    return list(dict.fromkeys(level(model, one, len(term)) for term in model.term_features_ for one in term))


def bins_of(nodes: Nodes, model: Any, columns: Inputs) -> dict[Level, str]:
    """The bins int64 `[N, 1]` of each level."""
    numbers = [one for one in levels(model) if model.feature_types_in_[one[0]] == "continuous"]
    for feature, _ in numbers:
        if is_string(columns[feature]):
            raise NotImplementedError(f"it takes the texts of column {model.feature_names_in_[feature]!r} for numbers")
    found = {
        (feature, cut): category(nodes, columns[feature], model.bins_[feature][cut])
        for feature, cut in levels(model)
        if (feature, cut) not in numbers
    }
    if not numbers:
        return found
    x = nodes.matrix([columns[feature] for feature, _ in numbers])
    trees = [search(model.bins_[feature][cut], place) for place, (feature, cut) in enumerate(numbers)]
    reached = nodes.add("Add", [tree_sums(nodes, x, trees, len(trees)), nodes.constant(1.0)])
    known = nodes.add("Where", [nodes.add("IsNaN", [x]), nodes.constant(float(MISSING)), reached])
    bins = nodes.cast(known, TensorProto.INT64)
    return found | {one: nodes.pick(bins, [place]) for place, one in enumerate(numbers)}


def category(nodes: Nodes, variable: Any, bins: dict[str, int]) -> str:
    """The bin of each category; of a number it is the one of the text that interpret makes of it."""
    keys: dict[Any, int] = dict(bins)
    if not is_string(variable):
        keys = {number: bins[text] for text in bins if text_of(number := number_of(text)) == text}
    known = np.array([*keys, np.nan], object)
    return look_up(nodes, variable, known, np.array([*keys.values(), MISSING, UNKNOWN]))


def number_of(text: str) -> float:
    """The number that a text may be made of."""
    try:
        return float(text)
    except ValueError:
        return np.nan


def text_of(number: float) -> str:
    """A number as a category."""
    text = str(np.array(number + 0.0).astype(np.str_))
    return text.removesuffix(".0")


def summed(nodes: Nodes, model: Any, bins: dict[Level, str]) -> str:
    """The intercept, and the value of each term in the tables `[bins, ..., K]` in turn."""
    intercept = np.atleast_1d(np.asarray(model.intercept_, np.float64))
    indexes, tables, start = [], [], 0
    for features, scores in zip(model.term_features_, model.term_scores_, strict=True):
        shape = scores.shape[: len(features)]
        tables.append(np.asarray(scores, np.float64).reshape(-1, len(intercept)))
        chosen = [bins[level(model, feature, len(features))] for feature in features]
        indexes.append(flat(nodes, chosen, shape, start))
        start += len(tables[-1])
    first = nodes.add("Mul", [nodes.cast(indexes[0], TensorProto.DOUBLE), nodes.constant(0.0)])
    begun = nodes.add("Add", [first, nodes.constant(intercept[np.newaxis])])
    every = nodes.add("Gather", [nodes.constant(np.concatenate(tables)), nodes.add("Concat", indexes, axis=1)], axis=0)
    terms = nodes.add("Transpose", [every], perm=[1, 0, 2])
    return nodes.ordered_sum(nodes.add("Concat", [nodes.stack([begun]), terms], axis=0))


def flat(nodes: Nodes, bins: Sequence[str], shape: tuple[int, ...], start: int) -> str:
    """The row `[N, 1]` of a table of that shape, counted from `start` on; the last bin is for what is unknown."""
    found = nodes.constant(np.int64(start))
    for place, (one, size) in enumerate(zip(bins, shape, strict=True)):
        unknown = nodes.add("Less", [one, nodes.constant(np.int64(0))])
        here = nodes.add("Where", [unknown, nodes.constant(np.int64(size - 1)), one])
        stride = nodes.constant(np.int64(np.prod(shape[place + 1 :], dtype=np.int64)))
        found = nodes.add("Add", [found, nodes.add("Mul", [here, stride])])
    return found


def edges(model: Any) -> Iterable[Edge]:
    """The cuts of numbers, each the first number above, and the last below."""
    for feature, cut in levels(model):
        if model.feature_types_in_[feature] == "continuous":
            cuts: NDArray[np.float64] = model.bins_[feature][cut]
            both = np.r_[cuts, np.nextafter(cuts, -np.inf)]
            yield np.full(len(both), feature), both, False


def classes_of(interpret: Any) -> list[type]:
    """Its machines."""
    open_, private = import_module("interpret.glassbox"), import_module("interpret.privacy")
    return [
        open_.ExplainableBoostingClassifier,
        open_.ExplainableBoostingRegressor,
        private.DPExplainableBoostingClassifier,
        private.DPExplainableBoostingRegressor,
    ]


def predictors(interpret: Any) -> dict[type, Predictor]:
    """The converters."""
    return dict.fromkeys(classes_of(interpret), convert)


def borders(interpret: Any) -> dict[type, Borders]:
    """Where they decide."""
    cuts = Borders(edges)
    decides = replace(cuts, decisions=(label,))
    return {kind: decides if hasattr(kind, "predict_proba") else cuts for kind in classes_of(interpret)}
