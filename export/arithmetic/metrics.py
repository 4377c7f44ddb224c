"""Distances from rows to stored points, computed as scikit-learn's search for neighbours computes them.

Its trees, and its brute force on all metrics but the Euclidean, add up the features one after the other: every bit is
the same here. Brute force on the Euclidean metric takes |x|^2 - 2 x.y + |y|^2 instead, whose last bits depend on the
BLAS. All of them compare a power of the distance that is cheaper, the reduced distance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic.centres import squared_distances
from alpenglow._export.graph.nodes import Nodes

NAMES = {
    "cityblock": "manhattan",
    "infinity": "chebyshev",
    "l1": "manhattan",
    "l2": "euclidean",
    "p": "minkowski",
}

# Up to so many numbers are compared with all features of a row at once; beyond, a large table would take too much
# memory, and the features are taken one after the other.
MOST_AT_ONCE = 2**13


@dataclass(frozen=True)
class Metric:
    """A metric with the power that makes its distances cheaper; an infinite one has none.

    Attributes:
        name: As scikit-learn calls it.
        power: 2 of the Euclidean metric, and so on.
        weights: What each feature's part is multiplied with.
        expanded: Whether the Euclidean distances are |x|^2 - 2 x.y + |y|^2.
    """

    name: str
    power: float
    weights: NDArray[np.float64] | None = None
    expanded: bool = False

    def reduced(self, nodes: Nodes, x: str, points: NDArray[np.float64]) -> str:
        """The reduced distances `[N, M]` from `x` `[N, F]` to points `[M, F]`."""
        if self.name == "cosine":
            return cosine(nodes, x, points)
        if self.expanded:
            return squared_distances(nodes, x, points)
        if points.size <= MOST_AT_ONCE:
            turned = nodes.add("Transpose", [x], perm=[1, 0])
            columns = nodes.add("Unsqueeze", [turned, nodes.constant(np.array([2]))])  # [F, N, 1]
            stored = nodes.constant(np.ascontiguousarray(points.T)[:, np.newaxis])  # [F, 1, M]
            weights = None if self.weights is None else self.weights.reshape(-1, 1, 1)
            return self.joined(nodes, self.powered(nodes, nodes.add("Sub", [columns, stored]), len(points), weights))
        total = ""
        for feature in range(points.shape[1]):
            stored = nodes.constant(points[np.newaxis, :, feature])
            difference = nodes.add("Sub", [nodes.pick(x, [feature]), stored])
            weight = None if self.weights is None else self.weights[feature]
            added = self.powered(nodes, difference, len(points), weight)
            total = nodes.add("Max" if np.isinf(self.power) else "Add", [total, added]) if total else added
        return total

    def powered(self, nodes: Nodes, difference: str, width: int, weights: Any = None) -> str:
        """What differences of features add; the last axis has `width` numbers."""
        if self.power == 2:
            found = nodes.add("Mul", [difference, difference])
        else:
            found = power(nodes, nodes.add("Abs", [difference]), self.power, width)
        return found if weights is None else nodes.add("Mul", [nodes.constant(weights), found])

    def joined(self, nodes: Nodes, parts: str) -> str:
        """The sum or the maximum over the features of `[F, N, M]`."""
        if np.isinf(self.power):
            return nodes.add("ReduceMax", [parts, nodes.constant(np.array([0]))], keepdims=0)
        return nodes.ordered_sum(parts)

    def distance(self, nodes: Nodes, reduced: str) -> str:
        """The distances themselves."""
        if self.power == 2:
            return nodes.add("Sqrt", [reduced])
        if self.power in (1, np.inf):
            return reduced
        return nodes.add("Pow", [reduced, nodes.constant(1.0 / self.power)])

    def reduce(self, distance: float) -> float:
        """A radius, reduced."""
        if self.power == 2:
            return distance * distance
        return distance if self.power in (1, np.inf) else float(np.power(distance, self.power))


def power(nodes: Nodes, x: str, exponent: float, width: int) -> str:
    """A power, from C's `pow` even if it is the square: its last bit is not always the product's.

    ONNX Runtime multiplies where the exponent is a single 2 or 3, so there is one for each of `width` numbers.
    """
    if exponent in (1, np.inf):
        return x
    return nodes.add("Pow", [x, nodes.constant(np.full(width, float(exponent)))])


def cosine(nodes: Nodes, x: str, points: NDArray[np.float64]) -> str:
    """One less the product of the normalized rows, between 0 and 2."""
    size = nodes.add("Sqrt", [nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)])
    nothing = nodes.add("Less", [size, nodes.constant(10 * np.finfo(np.float64).eps)])
    unit = nodes.add("Div", [x, nodes.add("Where", [nothing, nodes.constant(1.0), size])])
    sizes = np.sqrt(np.einsum("ij,ij->i", points, points))
    units = points / np.where(sizes < 10 * np.finfo(np.float64).eps, 1.0, sizes)[:, np.newaxis]
    product = nodes.add("Gemm", [unit, nodes.constant(units)], alpha=-1.0, transB=1)
    return nodes.add(
        "Clip", [nodes.add("Add", [product, nodes.constant(1.0)]), nodes.constant(0.0), nodes.constant(2.0)]
    )


def metric_of(model: Any) -> Metric:
    """The metric of a fitted search for neighbours."""
    name = NAMES.get(model.effective_metric_, model.effective_metric_)
    options = model.effective_metric_params_
    brute = model._fit_method == "brute"
    if name == "cosine":
        return Metric(name, 1)
    powers: dict[str, Callable[[], float]] = {
        "chebyshev": lambda: np.inf,
        "euclidean": lambda: 2,
        "manhattan": lambda: 1,
        "minkowski": lambda: float(options["p"]),
    }
    if name not in powers:
        raise NotImplementedError(f"its metric is {name!r}")
    weights = options.get("w")
    if weights is not None and np.isinf(powers[name]()):
        raise NotImplementedError("its metric is a weighted maximum")
    known = None if weights is None else np.asarray(weights, np.float64)
    return Metric(name, powers[name](), known, expanded=brute and name == "euclidean")


def points_of(model: Any) -> NDArray[np.float64]:
    """The stored points, `[M, F]`."""
    points = model._fit_X
    dense = points.toarray() if hasattr(points, "toarray") else np.asarray(points)
    if dense.dtype == np.float32:
        raise NotImplementedError("it was fitted on float32")
    return np.ascontiguousarray(dense, np.float64)
