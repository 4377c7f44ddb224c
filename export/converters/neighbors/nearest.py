"""k nearest neighbours: votes, means and local densities.

Where points at the k-th distance compete, the choice is scikit-learn's: see `ties` and `visits`. It is that of a single
thread: with several, brute force may share more than 256 points among them, and then its choice differs from one
machine to the next. On sparse columns, and for the cosine metric and functions of the user's own where they are
computed by brute force, it is not defined; here the first point is taken.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor

from alpenglow._export.arithmetic.borders import Borders, beside, label, middles
from alpenglow._export.arithmetic.classes import at, each_labelled
from alpenglow._export.arithmetic.metrics import Metric, points_of
from alpenglow._export.arithmetic.sums import pairwise_mean, pairwise_sum
from alpenglow._export.arithmetic.ties import chosen, top_k
from alpenglow._export.arithmetic.visits import places
from alpenglow._export.converters.neighbors.own_metric import metric_of
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.tracing.pairs import of_distances


@dataclass(frozen=True)
class Found:
    """The nearest points of each row, `[N, k]`, the nearest first: their numbers, and how far they are."""

    index: str
    distance: str


def search(nodes: Nodes, model: Any, inputs: Inputs, count: int) -> Found:
    """Find the nearest points that a model stored."""
    metric, points = metric_of(model), points_of(model)
    x = nodes.matrix(inputs)
    reduced = metric.reduced(nodes, x, points)
    if count == len(points) or not replays(model, metric, count):
        values, index = top_k(nodes, reduced, count)
    else:
        values, index = top_k(nodes, reduced, count + 1)
        last, next_one = (nodes.pick(values, [place]) for place in (count - 1, count))
        values, index = (nodes.pick(found, np.arange(count)) for found in (values, index))
        tied = nodes.flat(nodes.add("NonZero", [nodes.flat(nodes.add("Equal", [last, next_one]))]))
        # ONNX Runtime's TopK divides by the number of rows, so there must be one more than may be tied.
        rows = nodes.add("Concat", [tied, nodes.constant(np.array([0]))], axis=0)
        some_x, some = (nodes.add("Gather", [tensor, rows], axis=0) for tensor in (x, reduced))
        visits, early = order_of_visits(nodes, model, metric, some_x, some, enough(count, len(points)))
        kept = chosen(nodes, some, visits, count, early)
        index = nodes.add("ScatterND", [index, nodes.column(tied), kept])
    return Found(index, metric.distance(nodes, values))


def replays(model: Any, metric: Metric, count: int) -> bool:
    """Whether it matters how the search went: a single neighbour by brute force is the first of the nearest."""
    if model._fit_method == "brute":
        return count > 1 and metric.name not in ("cosine", "function") and not hasattr(model._fit_X, "toarray")
    return True


def enough(count: int, points: int) -> int:
    """How many points to look at before others are left out: so many that about as many are left of those."""
    return min(points, max(count, math.isqrt(count * points)))


def order_of_visits(nodes: Nodes, model: Any, metric: Metric, x: str, reduced: str, wanted: int) -> tuple[str, float]:
    """When the search comes to each point, `[R, M]`, and a time by which it has seen at least as many as wanted.

    Brute force and a tree's single leaf take the points in their order.
    """
    order = np.arange(model.n_samples_fit_, dtype=np.float64)
    if model._fit_method != "brute":
        _, stored, tree, _ = model._tree.get_arrays()
        if len(tree) > 1:
            return places(nodes, model._tree, metric, x, wanted)
        order[np.asarray(stored)] = np.arange(len(order))
    return nodes.add("Expand", [nodes.constant(order[np.newaxis]), nodes.add("Shape", [reduced])]), float(wanted)


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class with the most votes, or the most weight; the first of those if several have as much."""
    found = search(nodes, model, inputs, model.n_neighbors)
    if not model.outputs_2d_:
        best, score, whole, _ = elected(nodes, model, found, model.classes_, model._y)
        return {"label": at(nodes, model.classes_, best), "probabilities": nodes.add("Div", [score, whole])}
    chosen, shares, weight = [], [], None
    for classes, numbers in zip(model.classes_, model._y.T, strict=True):
        best, score, whole, weight = elected(nodes, model, found, classes, numbers, weight)
        chosen.append(best)
        shares.append(nodes.add("Div", [score, whole]))
    return each_labelled(nodes, model.classes_, shares, chosen)


def elected(
    nodes: Nodes, model: Any, found: Found, classes: NDArray[Any], numbers: NDArray[Any], weight: str | None = None
) -> tuple[str, str, str, str | None]:
    """The class that is chosen, int64 `[N]`, what each has, `[N, C]`, what all have, `[N, 1]`, and the weights.

    Args:
        nodes: Adds to the graph.
        model: Fitted.
        found: The neighbours.
        classes: Of the label.
        numbers: Of the stored points' classes.
        weight: The weights, if they are known already.
    """
    votes = by_neighbour(nodes, found, np.eye(len(classes))[numbers])  # [k, N, C]
    weight = weight or weights(nodes, model, found)
    if weight:
        votes = nodes.add("Mul", [votes, weight])
    score = total = nodes.ordered_sum(votes)
    if weight:
        total = pairwise_sum(nodes, votes, model.n_neighbors)
    best = nodes.add("ArgMax", [total], axis=1, keepdims=0)
    return best, score, nodes.add("ReduceSum", [score, nodes.constant(np.array([1]))], keepdims=1), weight


def by_neighbour(nodes: Nodes, found: Found, table: Any) -> str:
    """The rows of a table `[M, K]` that belong to the neighbours, `[k, N, K]`."""
    turned = nodes.add("Transpose", [found.index], perm=[1, 0])
    return nodes.add("Gather", [nodes.constant(np.asarray(table, np.float64)), turned], axis=0)


def weights(nodes: Nodes, model: Any, found: Found) -> str | None:
    """What each neighbour counts, `[k, N, 1]`: the inverse of its distance, or, if some are at zero, those alone."""
    if model.weights in (None, "uniform"):
        return None
    if callable(model.weights):
        return by_rank(nodes, of_distances(nodes, model.weights, found.distance, model.n_neighbors))
    return inverse_distances(nodes, by_rank(nodes, found.distance))


def by_rank(nodes: Nodes, x: str) -> str:
    """`[N, k]` as `[k, N, 1]`."""
    return nodes.add("Unsqueeze", [nodes.add("Transpose", [x], perm=[1, 0]), nodes.constant(np.array([2]))])


def inverse_distances(nodes: Nodes, distances: str) -> str:
    """The inverse of distances `[k, N, 1]`, or, where some neighbours of a row are at zero, one for those alone."""
    inverse = nodes.add("Div", [nodes.constant(1.0), distances])
    endless = nodes.cast(nodes.add("IsInf", [inverse]), TensorProto.DOUBLE)
    some = nodes.add("ReduceMax", [endless, nodes.constant(np.array([0]))], keepdims=1)
    return nodes.add("Where", [nodes.cast(some, TensorProto.BOOL), endless, inverse])


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The mean of the neighbours' targets."""
    found = search(nodes, model, inputs, model.n_neighbors)
    targets = model._y.reshape(len(model._y), -1)
    values = by_neighbour(nodes, found, targets)  # [k, N, T]
    weight = weights(nodes, model, found)
    if weight:
        total = pairwise_sum(nodes, nodes.add("Mul", [values, weight]), model.n_neighbors)
        return {"prediction": nodes.add("Div", [total, pairwise_sum(nodes, weight, model.n_neighbors)])}
    if targets.shape[1] == 1:
        return {"prediction": pairwise_mean(nodes, values, model.n_neighbors)}
    return {"prediction": nodes.add("Div", [nodes.ordered_sum(values), nodes.constant(float(model.n_neighbors))])}


def convert_outlier_factor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """How dense the neighbours lie compared with the row."""
    count = model.n_neighbors_
    found = search(nodes, model, inputs, count)
    distance = by_rank(nodes, found.distance)
    reach = nodes.add("Max", [distance, by_neighbour(nodes, found, model._distances_fit_X_[:, count - 1 : count])])
    mean = nodes.add("Add", [pairwise_mean(nodes, reach, count), nodes.constant(1e-10)])
    density = nodes.add("Div", [nodes.constant(1.0), mean])
    ratio = nodes.add("Div", [by_neighbour(nodes, found, model._lrd[:, np.newaxis]), density])
    score = nodes.add("Neg", [pairwise_mean(nodes, ratio, count)])
    decision = nodes.add("Sub", [score, nodes.constant(float(model.offset_))])
    outside = nodes.add("Less", [nodes.flat(decision), nodes.constant(0.0)])
    label = nodes.add("Where", [outside, nodes.constant(np.int64(-1)), nodes.constant(np.int64(1))])
    return {"label": label, "decision": decision}


def stored(model: Any) -> NDArray[np.float64]:
    """Half way between rows that a model stored, and beside each of them, where it is the nearest or one of those."""
    return np.concatenate([middles(model._fit_X), beside(model._fit_X)])


def neighbours(model: Any, rows: Any) -> NDArray[np.int64]:
    """The nearest stored rows, the nearest first."""
    return np.asarray(model.kneighbors(rows, return_distance=False))


PREDICTORS = {
    KNeighborsClassifier: convert_classifier,
    KNeighborsRegressor: convert_regressor,
    LocalOutlierFactor: convert_outlier_factor,
}
BORDERS = {
    KNeighborsClassifier: Borders(points=stored, decisions=(label, neighbours)),
    KNeighborsRegressor: Borders(points=stored, decisions=(neighbours,)),
    LocalOutlierFactor: Borders(points=stored, decisions=(label, neighbours)),
}
