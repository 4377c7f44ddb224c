"""XGBoost's estimators and its own boosters: they compare, add and multiply float32."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.base import is_classifier

from alpenglow._export.arithmetic.borders import Borders, codes, label, splits
from alpenglow._export.arithmetic.classes import labelled
from alpenglow._export.arithmetic.sides import with_sides
from alpenglow._export.arithmetic.trees import Tree, constant, tree_sums, tree_values
from alpenglow._export.converters.libraries.xgboost.objectives import answer, softmax
from alpenglow._export.converters.libraries.xgboost.saved import Saved, saved_of
from alpenglow._export.converters.preprocessing.typed import given_to, numbered
from alpenglow._export.graph.columns import is_sparse
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs, Predictor
from alpenglow._export.pipeline.boosters import XGBoostBooster, encoded_in, refuses_others, whole

LIBRARY = "xgboost"
PACKAGE = "xgboost"
TESTED = ("2.0", "3.2")
STRAY = 2.0**24  # more than any code
BELOW_ZERO = float(np.nextafter(0.0, -1.0))  # the largest number that is no code


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The base score and what is added to it, and what the objective makes of the sum, in float32."""
    saved = saved_of(model)
    x = present(nodes, model, inputs)
    raw = lines(nodes, x, saved) if saved.booster == "gblinear" else sums(nodes, x, saved, model.n_features_in_)
    if is_classifier(model):
        return classification(nodes, model, saved, raw)
    return {"prediction": nodes.cast(answer(nodes, saved.objective, raw), TensorProto.DOUBLE)}


def present(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The numbers that XGBoost sees, float64 `[N, F]`: NaN for what it takes for missing.

    That can be some number, as float32; and of a sparse matrix it is what is left out of it.
    """
    unknown = np.nan if refuses_others(model) else STRAY
    x = numbered(nodes, inputs, categories(nodes, model, inputs), unknown)
    if is_sparse(inputs):
        x = without(nodes, x, nodes.add("Equal", [x, nodes.constant(0.0)]))
    missing = np.float32(np.nan if model.missing is None else model.missing)
    if np.isnan(missing):
        return x
    return without(nodes, x, nodes.add("Equal", [nodes.cast(x, TensorProto.FLOAT), nodes.constant(missing)]))


def without(nodes: Nodes, x: str, gaps: str) -> str:
    """The same numbers with NaN in some places."""
    return nodes.add("Where", [gaps, nodes.constant(np.nan), x])


def categories(nodes: Nodes, model: Any, inputs: Inputs) -> dict[int, list[Any]]:
    """The categories that it was fitted on, by the place of their column; before 3.1 it takes the table's for them."""
    given = given_to(nodes, model, inputs)
    encoded = encoded_in(model)
    found = {place: whole(encoded.get(place), known) for place, known in given.items()}
    if None in found.values():
        raise NotImplementedError(
            "XGBoost keeps of the names of categories beyond ASCII a part only: give a sample whose columns have the "
            "categories that it was fitted on"
        )
    return {place: known for place, known in found.items() if known is not None}


def sums(nodes: Nodes, x: str, saved: Saved, width: int) -> str:
    """The sums of trees, from the base score on, `[N, K]`."""
    wide, trees = with_sides(nodes, x, width, saved.trees, BELOW_ZERO, float32=True)
    narrow = nodes.cast(wide, TensorProto.FLOAT)
    if saved.vectors:
        values = tree_values(nodes, narrow, [constant(*saved.start), *trees], np.float32, np.float32)
        return nodes.ordered_sum(values)
    ordered = [*map(constant, saved.start), *in_turns(trees, saved.target, len(saved.start))]
    return tree_sums(nodes, narrow, ordered, len(saved.start), np.float32)


def in_turns(trees: list[Tree], target: NDArray[np.int64], count: int) -> list[Tree]:
    """The trees with the targets taking turns; several trees for a target in one round keep their order."""
    by_target = [[tree for tree, mine in zip(trees, target, strict=True) if mine == k] for k in range(count)]
    return [tree for turn in zip(*by_target, strict=True) for tree in turn]


def lines(nodes: Nodes, x: str, saved: Saved) -> str:
    """Of a linear booster the bias and base score, and a weight times each number that is there, `[N, K]`."""
    gaps = nodes.add("IsNaN", [x])
    there = nodes.cast(nodes.add("Where", [gaps, nodes.constant(0.0), x]), TensorProto.FLOAT)
    never = nodes.add("IsNaN", [nodes.pick(there, [0])])
    ones = nodes.cast(nodes.add("Not", [never]), TensorProto.FLOAT)
    both = nodes.add("Transpose", [nodes.add("Concat", [ones, there], axis=1)], perm=[1, 0])
    weights = np.concatenate([saved.weights[-1:] + np.array(saved.start, np.float32), saved.weights[:-1]])
    terms = nodes.add(
        "Mul", [nodes.add("Unsqueeze", [both, nodes.constant(np.array([2]))]), nodes.constant(weights[:, np.newaxis])]
    )
    return nodes.ordered_sum(terms)


def classification(nodes: Nodes, model: Any, saved: Saved, raw: str) -> Outputs:
    """Labels and probabilities."""
    if saved.objective == "multi:softmax":  # it compares the sums
        label = nodes.add("ArgMax", [raw], axis=1, keepdims=0)
        return {"label": label, "probabilities": nodes.cast(softmax(nodes, raw), TensorProto.DOUBLE)}
    if model.n_classes_ > 2:
        return labelled(nodes, model, nodes.cast(answer(nodes, saved.objective, raw), TensorProto.DOUBLE))
    if len(saved.start) > 1:
        raise NotImplementedError("it predicts several labels for a row, or one for each of two classes")
    second = answer(nodes, saved.objective, raw)
    both = nodes.add("Concat", [nodes.add("Sub", [nodes.constant(np.float32(1)), second]), second], axis=1)
    chosen = nodes.add("Greater", [nodes.flat(second), nodes.constant(np.float32(0.5))])
    return {"label": nodes.cast(chosen, TensorProto.INT64), "probabilities": nodes.cast(both, TensorProto.DOUBLE)}


def predictors(xgboost: Any) -> dict[type, Predictor]:
    """The converters."""
    names = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker")
    return dict.fromkeys([*(getattr(xgboost, name) for name in names), XGBoostBooster], convert)


def borders(xgboost: Any) -> dict[type, Borders]:
    """Where they decide."""
    trees = Borders(lambda model: splits(saved_of(model).trees, float32=True), sees=seen)
    labels = replace(trees, decisions=(label,))
    return dict.fromkeys(predictors(xgboost), trees) | dict.fromkeys(
        (xgboost.XGBClassifier, xgboost.XGBRFClassifier), labels
    )


def seen(model: Any) -> Any:
    """What makes the table that its trees see, if it was fitted on categories."""
    return codes if "c" in (model.get_booster().feature_types or ()) else None
