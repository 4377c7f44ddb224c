"""Neighbours within a radius.

Who is a neighbour is decided on the reduced distances, as scikit-learn decides it, unless a node of its tree is within
the radius or beyond it as a whole. A classifier adds up weights in the order in which the search comes to the points;
a regressor in another one, which moves its predictions by a few units in the last place.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.neighbors import RadiusNeighborsClassifier, RadiusNeighborsRegressor

from alpenglow._export.arithmetic.borders import Borders, label
from alpenglow._export.arithmetic.classes import at, each_labelled
from alpenglow._export.arithmetic.metrics import points_of
from alpenglow._export.arithmetic.sums import pairwise_sum
from alpenglow._export.arithmetic.visits import settled
from alpenglow._export.converters.neighbors.own_metric import metric_of
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def search(nodes: Nodes, model: Any, inputs: Inputs) -> tuple[str, str]:
    """What each point counts for each row, `[N, M]`, and whether a row has neighbours at all, `[N, 1]`."""
    metric, x = metric_of(model), nodes.matrix(inputs)
    reduced = metric.reduced(nodes, x, points_of(model))
    within = nodes.add("LessOrEqual", [reduced, nodes.constant(metric.reduce(float(model.radius)))])
    inside = nodes.cast(within, TensorProto.DOUBLE)
    if model._fit_method != "brute":
        # Twice 1 or -1 outweighs what the point itself says.
        known = settled(nodes, model._tree, metric, x, float(model.radius), 2.0)
        ends = [nodes.constant(0.0), nodes.constant(1.0)]
        inside = nodes.add("Clip", [nodes.add("Add", [inside, known]), *ends])
    axis = nodes.constant(np.array([1]))
    some = nodes.cast(nodes.add("ReduceMax", [inside, axis], keepdims=1), TensorProto.BOOL)
    if model.weights in (None, "uniform"):
        return inside, some
    if model.weights != "distance":
        raise NotImplementedError(
            "its weights are a Python function, which gets as many distances as a row has neighbours"
        )
    distance = metric.distance(nodes, reduced)
    same = nodes.cast(nodes.add("Equal", [distance, nodes.constant(0.0)]), TensorProto.DOUBLE)
    any_same = nodes.cast(nodes.add("ReduceMax", [same, axis], keepdims=1), TensorProto.BOOL)
    inverse = nodes.add("Div", [nodes.constant(1.0), distance])
    weight = nodes.add("Where", [any_same, same, inverse])
    return nodes.add("Where", [nodes.cast(inside, TensorProto.BOOL), weight, nodes.constant(0.0)]), some


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class with the most votes or weight among the neighbours; a label of its own for rows without any."""
    if model.outlier_label_ is None:
        raise NotImplementedError(
            "it raises for rows without neighbours, which a graph cannot: give it an outlier_label"
        )
    weight, some = search(nodes, model, inputs)
    if not model.outputs_2d_:
        classes, outlier = model.classes_, model.outlier_label_[0]
        place, share = elected(nodes, model, weight, some, model._y, known(model, outlier))
        return {"label": at(nodes, with_outlier(classes, outlier), place), "probabilities": share}
    places, shares, tables = [], [], []
    for classes, outlier, numbers in zip(model.classes_, model.outlier_label_, model._y.T, strict=True):
        place, share = elected(nodes, model, weight, some, numbers, np.asarray(classes == outlier))
        places.append(place)
        shares.append(share)
        tables.append(with_outlier(classes, outlier))
    return each_labelled(nodes, tables, shares, places)


def elected(
    nodes: Nodes, model: Any, weight: str, some: str, numbers: NDArray[Any], outlier: NDArray[np.bool_]
) -> tuple[str, str]:
    """The number of the class that is chosen, int64 `[N]`, one past the last for that of outliers; and all shares.

    Args:
        nodes: Adds to the graph.
        model: Fitted.
        weight: As `search` has it.
        some: The same.
        numbers: Of the stored points' classes.
        outlier: Which of the classes rows without neighbours get the probability of.
    """
    score = votes(nodes, model, weight, numbers, len(outlier))
    alone = outlier.astype(np.float64)[np.newaxis]
    score = nodes.add("Where", [some, score, nodes.constant(alone)])
    by_class = nodes.add("Unsqueeze", [nodes.add("Transpose", [score], perm=[1, 0]), nodes.constant(np.array([2]))])
    total = pairwise_sum(nodes, by_class, len(outlier))
    nothing = nodes.add("Equal", [total, nodes.constant(0.0)])
    whole = nodes.add("Where", [nothing, nodes.constant(1.0), total])
    share = nodes.add("Div", [score, whole])
    best = nodes.add("ArgMax", [share], axis=1, keepdims=0)
    beyond = nodes.constant(np.int64(len(outlier)))
    return nodes.add("Where", [nodes.flat(nothing), beyond, best]), share


def with_outlier(classes: NDArray[Any], outlier: Any) -> NDArray[Any]:
    """The classes, and the label of outliers behind them."""
    return np.append(classes, np.array([outlier], dtype=classes.dtype))


def votes(nodes: Nodes, model: Any, weight: str, numbers: NDArray[Any], classes: int) -> str:
    """What the points of each class count together, `[N, C]`; weights are added in the order of the search."""
    if model.weights in (None, "uniform"):
        return nodes.add("MatMul", [weight, nodes.constant(np.eye(classes)[numbers])])
    order = np.arange(len(numbers)) if model._fit_method == "brute" else np.asarray(model._tree.get_arrays()[1])
    by_point = nodes.add("Transpose", [weight], perm=[1, 0])
    found = []
    for number in range(classes):
        members = nodes.constant(order[numbers[order] == number])
        found.append(nodes.column(nodes.ordered_sum(nodes.add("Gather", [by_point, members], axis=0))))
    return nodes.add("Concat", found, axis=1)


def known(model: Any, outlier: Any) -> NDArray[np.bool_]:
    """Which class rows without neighbours get the probability of.

    Given an array, brute force without weights looks the label up among the numbers of the classes (scikit-learn 1.9);
    given a data frame, and in all other ways of computing, among the classes.
    """
    found: NDArray[np.bool_] = np.asarray(model.classes_ == outlier)
    numbers = [model.outlier_label is not None and model.outlier_label == number for number in range(len(found))]
    if hasattr(model, "feature_names_in_") or model.weights != "uniform" or model._fit_method != "brute":
        return found
    if not np.array_equal(found, numbers):
        raise NotImplementedError("its outlier_label means another class in an array than in a data frame")
    return found


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the neighbours' targets; without neighbours what scikit-learn makes of NaN in the targets' type."""
    targets = model._y.reshape(len(model._y), -1)
    with np.errstate(invalid="ignore"):
        alone = np.full_like(targets[:1], np.nan).astype(np.float64)
    weight, some = search(nodes, model, inputs)
    total = nodes.add("MatMul", [weight, nodes.constant(targets.astype(np.float64))])
    whole = nodes.add("ReduceSum", [weight, nodes.constant(np.array([1]))], keepdims=1)
    return {"prediction": nodes.add("Where", [some, nodes.add("Div", [total, whole]), nodes.constant(alone)])}


def within(model: Any, rows: Any) -> NDArray[np.int64]:
    """How many stored rows are as near as that."""
    return np.array([len(found) for found in model.radius_neighbors(rows, return_distance=False)])


PREDICTORS = {RadiusNeighborsClassifier: convert_classifier, RadiusNeighborsRegressor: convert_regressor}
BORDERS = {
    RadiusNeighborsClassifier: Borders(decisions=(label, within)),
    RadiusNeighborsRegressor: Borders(decisions=(within,)),
}
