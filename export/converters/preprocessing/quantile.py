"""QuantileTransformer: uniform to the last bit, normal within 1e-14 of scikit-learn's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from scipy.special import ndtri
from sklearn.preprocessing import QuantileTransformer

from alpenglow._export.arithmetic.borders import Borders, rows_of
from alpenglow._export.arithmetic.trees import Tree, tree_sums
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.columns import is_sparse, width
from alpenglow._export.graph.nodes import Inputs, Nodes

BOUND = 1e-7  # scikit-learn's own: what is nearer to an end counts as the end

# Wichura's algorithm AS 241, PPND16: the quantiles of the normal distribution by two fractions of polynomials, lowest
# power first. The third, for the far tails, is not needed: scikit-learn cuts them off.
CENTER = np.array(
    [
        [3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125],
        [45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727],
        [1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077],
        [21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610],
    ]
)
TAIL = np.array(
    [
        [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504],
        [1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4],
        [1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550],
        [0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9],
    ]
)


def quantiles(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The share of the training data below each value, in both directions, and their mean."""
    if is_sparse(inputs):
        raise NotImplementedError("it transforms a sparse matrix, of which it skips the zeros")
    x = nodes.matrix(inputs)
    count = width(inputs)
    known = model.quantiles_.T
    both = nodes.add("Concat", [x, nodes.add("Neg", [x])], axis=1)
    references = np.stack([*[model.references_] * count, *[-model.references_[::-1]] * count])
    found = interpolated(nodes, both, np.vstack([known, -known[:, ::-1]]), references)
    up, down = (nodes.pick(found, np.arange(first, first + count)) for first in (0, count))
    share = nodes.add("Mul", [nodes.add("Sub", [up, down]), nodes.constant(np.float64(0.5))])
    normal = model.output_distribution == "normal"
    share = at_the_ends(nodes, x, share, known[:, 0], known[:, -1], normal)
    return nodes.table(normal_quantiles(nodes, share) if normal else share, count)


def interpolated(nodes: Nodes, x: str, known: NDArray[np.float64], values: NDArray[np.float64]) -> str:
    """`numpy.interp` for each column: `[N, F]` at the known points `[F, Q]`, sorted, of values `[F, Q]`.

    A tree finds the last known point that each x has reached; tables give this point, its value and the slope there.
    """
    index = places(nodes, x, known, known.shape[1] + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.diff(values) / np.diff(known)
    # Two equal points: numpy.interp only ever takes the last one's slope.
    slope = np.pad(np.where(np.diff(known) > 0, slope, 0.0), ((0, 0), (1, 1)))
    if not np.isfinite(slope).all():
        raise NotImplementedError("two of its quantiles are too close for float64")

    def at(table: NDArray[np.float64]) -> str:
        return nodes.add("Gather", [nodes.constant(table.ravel()), index], axis=0)

    far = nodes.add("Sub", [x, at(np.hstack([known[:, :1], known]))])
    rise = nodes.add("Mul", [at(slope), far])
    return nodes.add("Add", [rise, at(np.hstack([values[:, :1], values]))])


def places(nodes: Nodes, x: str, points: NDArray[np.float64], size: int) -> str:
    """How many of its column's sorted points `[F, P]` each x has reached, int64 `[N, F]`, plus `size * column`."""
    reached = tree_sums(nodes, x, [search(known, at) for at, known in enumerate(points)], targets=len(points))
    first = nodes.constant(np.arange(len(points))[np.newaxis] * float(size))
    return nodes.cast(nodes.add("Add", [reached, first]), TensorProto.INT64)


def search(points: NDArray[np.float64], column: int) -> Tree:
    """A balanced tree that counts how many of the sorted points are at most x."""
    points, counts = np.unique(points, return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])
    left: list[int] = []
    right: list[int] = []
    threshold: list[float] = []
    value: list[float] = []

    def grow(low: int, high: int) -> int:
        node = len(left)
        left.append(-1)
        right.append(-1)
        threshold.append(0.0)
        value.append(below[low])
        if low < high:
            middle = (low + high) // 2
            threshold[node] = np.nextafter(points[middle], -np.inf)
            left[node] = grow(low, middle)
            right[node] = grow(middle + 1, high)
        return node

    grow(0, len(points))
    return Tree(
        np.array(left),
        np.array(right),
        np.full(len(left), column),
        np.array(threshold, np.float64),
        np.zeros(len(left), np.bool_),
        np.array(value, np.float64)[:, np.newaxis],
    )


def at_the_ends(
    nodes: Nodes, x: str, share: str, low: NDArray[np.float64], high: NDArray[np.float64], normal: bool
) -> str:
    """Zero at the smallest known value, one at the largest."""
    lowest, highest = nodes.constant(row(low)), nodes.constant(row(high))
    if normal:
        bound = nodes.constant(np.float64(BOUND))
        bottom = nodes.add("Less", [nodes.add("Sub", [x, bound]), lowest])
        top = nodes.add("Greater", [nodes.add("Add", [x, bound]), highest])
    else:
        bottom, top = nodes.add("Equal", [x, lowest]), nodes.add("Equal", [x, highest])
    share = nodes.add("Where", [top, nodes.constant(np.float64(1.0)), share])
    return nodes.add("Where", [bottom, nodes.constant(np.float64(0.0)), share])


def normal_quantiles(nodes: Nodes, share: str) -> str:
    """The normal distribution's quantiles, cut off where scikit-learn cuts them."""
    edge = BOUND - np.spacing(1.0)
    low, high = ndtri(edge), ndtri(1 - edge)
    p = nodes.add("Clip", [share, nodes.constant(np.float64(edge)), nodes.constant(np.float64(1 - edge))])
    q = nodes.add("Sub", [p, nodes.constant(np.float64(0.5))])
    near = nodes.add("Sub", [nodes.constant(np.float64(0.180625)), nodes.add("Mul", [q, q])])
    center = nodes.add("Mul", [q, fraction(nodes, near, CENTER)])
    rest = nodes.add("Min", [p, nodes.add("Sub", [nodes.constant(np.float64(1.0)), p])])
    far = nodes.add("Sqrt", [nodes.add("Neg", [nodes.add("Log", [rest])])])
    tail = fraction(nodes, nodes.add("Sub", [far, nodes.constant(np.float64(1.6))]), TAIL)
    tail = nodes.add("Mul", [nodes.add("Sign", [q]), tail])
    central = nodes.add("LessOrEqual", [nodes.add("Abs", [q]), nodes.constant(np.float64(0.425))])
    found = nodes.add("Where", [central, center, tail])
    return nodes.add("Clip", [found, nodes.constant(np.float64(low)), nodes.constant(np.float64(high))])


def fraction(nodes: Nodes, x: str, coefficients: NDArray[np.float64]) -> str:
    """One polynomial divided by another, `[N, F]`."""
    powers = nodes.add("Pow", [nodes.add("Unsqueeze", [x, nodes.constant([2])]), nodes.constant(np.arange(8.0))])
    both = nodes.add("MatMul", [powers, nodes.constant(coefficients.reshape(2, 8).T)])  # [N, F, 2]
    upper, lower = (nodes.add("Gather", [both, nodes.constant(np.int64(part))], axis=2) for part in (0, 1))
    return nodes.add("Div", [upper, lower])


TRANSFORMERS = {QuantileTransformer: quantiles}
BORDERS = {QuantileTransformer: Borders(lambda model: rows_of(model.quantiles_))}
