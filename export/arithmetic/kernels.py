"""Kernels between the rows and points that are part of the model, `[N, points]`."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from alpenglow._export.graph.nodes import Nodes

# Squared, this is still a number, and so far from any point a radial kernel is zero.
FAR = 1e100
# Points no farther from their centre than this, in units of the exponent, keep twelve digits.
NEAR = 1000.0


def linear(nodes: Nodes, x: str, points: NDArray[Any]) -> str:
    """`x @ y`."""
    return nodes.add("MatMul", [x, nodes.constant(points.T.astype(np.float64))])


def affine(nodes: Nodes, x: str, points: NDArray[Any], gamma: float, coef0: float) -> str:
    """`gamma * x @ y + coef0`."""
    scaled = nodes.add("Mul", [linear(nodes, x, points), nodes.constant(float(gamma))])
    return nodes.add("Add", [scaled, nodes.constant(float(coef0))])


def polynomial(nodes: Nodes, x: str, points: NDArray[Any], gamma: float, coef0: float, degree: float) -> str:
    """`(gamma * x @ y + coef0) ** degree`."""
    return nodes.add("Pow", [affine(nodes, x, points, gamma, coef0), nodes.constant(float(degree))])


def sigmoid(nodes: Nodes, x: str, points: NDArray[Any], gamma: float, coef0: float) -> str:
    """`tanh(gamma * x @ y + coef0)`."""
    return nodes.add("Tanh", [affine(nodes, x, points, gamma, coef0)])


def radial(nodes: Nodes, x: str, points: NDArray[Any], gamma: float) -> str:
    """`exp(-gamma * |x - y|**2)`."""
    points = points.astype(np.float64)
    centre = np.median(points, axis=0)
    near = gamma * ((points - centre) ** 2).sum(axis=1) <= NEAR
    if near.all():
        return by_product(nodes, x, points, gamma, centre)
    apart = by_differences(nodes, x, points[~near], gamma)
    if not near.any():
        return apart
    joined = nodes.add("Concat", [by_product(nodes, x, points[near], gamma, centre), apart], axis=1)
    return nodes.pick(joined, np.argsort(np.r_[np.flatnonzero(near), np.flatnonzero(~near)]))


def by_product(nodes: Nodes, x: str, points: NDArray[np.float64], gamma: float, centre: NDArray[np.float64]) -> str:
    """All squares by one product, `|x|**2 - 2 * x @ y + |y|**2`, of rows and points that are centred first.

    What cancels there costs digits: few, as long as the points are near.
    """
    away, points = nodes.add("Sub", [x, nodes.constant(centre)]), points - centre
    away = nodes.add("Clip", [away, nodes.constant(-FAR), nodes.constant(FAR)])
    square = nodes.add("ReduceSumSquare", [away, nodes.constant(np.array([1]))], keepdims=1)
    weights = np.vstack([2 * gamma * points.T, np.full(len(points), -gamma)])
    product = nodes.add("MatMul", [nodes.add("Concat", [away, square], axis=1), nodes.constant(weights)])
    return nodes.add("Exp", [nodes.add("Sub", [product, nodes.constant(gamma * (points**2).sum(axis=1))])])


def by_differences(nodes: Nodes, x: str, points: NDArray[np.float64], gamma: float) -> str:
    """To the last digit, but slower."""
    return nodes.add("Exp", [nodes.add("Mul", [squared_distances(nodes, x, points), nodes.constant(-float(gamma))])])


def cosine(nodes: Nodes, x: str, points: NDArray[Any]) -> str:
    """`x @ y / |x| / |y|`; a row of zeros stays one."""
    squares = nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
    length = nodes.add("Sqrt", [squares])
    empty = nodes.add("Equal", [length, nodes.constant(0.0)])
    unit = nodes.add("Div", [x, nodes.add("Where", [empty, nodes.constant(1.0), length])])
    return linear(nodes, unit, normalize(points.astype(np.float64)))


def squared_distances(nodes: Nodes, x: str, points: NDArray[Any]) -> str:
    """`|x - y|**2` from the differences themselves, in which nothing cancels."""
    return differences(nodes, x, points, lambda away: nodes.add("Mul", [away, away]))


def laplacian(nodes: Nodes, x: str, points: NDArray[Any], gamma: float) -> str:
    """`exp(-gamma * sum(|x - y|))`."""
    distance = differences(nodes, x, points, lambda away: nodes.add("Abs", [away]))
    return nodes.add("Exp", [nodes.add("Mul", [distance, nodes.constant(-float(gamma))])])


def differences(nodes: Nodes, x: str, points: NDArray[Any], measure: Callable[[str], str]) -> str:
    """The sum of a measure of `x - y` over the features, one after the other: no more than `[N, points]` at a time."""
    parts = []
    for feature, values in enumerate(points.T.astype(np.float64)):
        column = nodes.pick(x, [feature]) if points.shape[1] > 1 else x
        parts.append(measure(nodes.add("Sub", [column, nodes.constant(values[np.newaxis])])))
    return reduce(lambda total, part: nodes.add("Add", [total, part]), parts)


def pairwise(nodes: Nodes, x: str, points: NDArray[Any], metric: Any, **options: Any) -> str:
    """What `sklearn.metrics.pairwise.pairwise_kernels` computes; options it has no use for are ignored."""
    gamma, coef0, degree = (options.get(name) for name in ("gamma", "coef0", "degree"))
    gamma = 1 / points.shape[1] if gamma is None else gamma
    coef0, degree = 1 if coef0 is None else coef0, 3 if degree is None else degree
    makers: dict[Any, Callable[[], str]] = {
        "linear": lambda: linear(nodes, x, points),
        "poly": lambda: polynomial(nodes, x, points, gamma, coef0, degree),
        "polynomial": lambda: polynomial(nodes, x, points, gamma, coef0, degree),
        "rbf": lambda: radial(nodes, x, points, gamma),
        "sigmoid": lambda: sigmoid(nodes, x, points, gamma, coef0),
        "cosine": lambda: cosine(nodes, x, points),
        "laplacian": lambda: laplacian(nodes, x, points, gamma),
        "precomputed": lambda: x,
    }
    if metric not in makers:
        raise NotImplementedError(f"it has a kernel for which there is no converter: {metric}")
    return makers[metric]()
