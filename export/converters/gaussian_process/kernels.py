"""The kernels of Gaussian processes, whose weights are so large that distances must not lose a digit."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    Exponentiation,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    Product,
    RationalQuadratic,
    Sum,
    WhiteKernel,
)

from alpenglow._export.arithmetic.kernels import linear, squared_distances
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.pairs import between as between_rows

COMBINED = {Sum: "Add", Product: "Mul"}
# The same for all rows: the attribute that holds it, and whether it is between any two rows or a row and itself only.
NUMBERS = {ConstantKernel: ("constant_value", True), WhiteKernel: ("noise_level", False)}


def between(nodes: Nodes, kernel: Any, x: str, points: Any) -> str:
    """The kernel between the rows and the points, `[N, P]`."""
    points = np.asarray(points, np.float64)
    found = evaluated(nodes, kernel, x, points)
    # A constant is one number so far.
    shape = nodes.add("MatMul", [x, nodes.constant(np.zeros(points.T.shape))])
    return nodes.add("Add", [found, shape]) if is_constant(kernel) else found


def is_constant(kernel: Any) -> bool:
    """Whether it is made of kernels that do not look at the row."""
    if type(kernel) in COMBINED:
        return is_constant(kernel.k1) and is_constant(kernel.k2)
    return is_constant(kernel.kernel) if type(kernel) is Exponentiation else type(kernel) in NUMBERS


def evaluated(nodes: Nodes, kernel: Any, x: str, points: NDArray[np.float64]) -> str:
    """The same, but one number if it does not depend on the rows."""
    if type(kernel) in COMBINED:
        both = [evaluated(nodes, part, x, points) for part in (kernel.k1, kernel.k2)]
        return nodes.add(COMBINED[type(kernel)], both)
    if type(kernel) is Exponentiation:
        return nodes.add("Pow", [evaluated(nodes, kernel.kernel, x, points), nodes.constant(float(kernel.exponent))])
    if type(kernel) in NUMBERS:
        name, between_any = NUMBERS[type(kernel)]
        return nodes.constant(float(getattr(kernel, name)) if between_any else 0.0)
    return of_rows(nodes, kernel, x, points)


def of_rows(nodes: Nodes, kernel: Any, x: str, points: NDArray[np.float64]) -> str:
    """A kernel that is made of no others, and looks at the rows."""
    if type(kernel) is DotProduct:
        return nodes.add("Add", [linear(nodes, x, points), nodes.constant(float(kernel.sigma_0**2))])
    if type(kernel) is PairwiseKernel:
        options = {"gamma": kernel.gamma}
        return between_rows(nodes, x, points, kernel.metric, options, **options)
    return stationary(nodes, kernel, x, points)


def stationary(nodes: Nodes, kernel: Any, x: str, points: NDArray[np.float64]) -> str:
    """A kernel of the distance alone."""

    def apply(op: str, value: str, by: float) -> str:
        return nodes.add(op, [value, nodes.constant(float(by))])

    if type(kernel) in (RBF, Matern):
        scale = np.asarray(kernel.length_scale, np.float64)
        squares = squared_distances(nodes, nodes.add("Div", [x, nodes.constant(scale)]), points / scale)
        if type(kernel) is RBF or kernel.nu == np.inf:
            return nodes.add("Exp", [apply("Mul", squares, -0.5)])
        return matern(nodes, float(kernel.nu), squares)
    squares = squared_distances(nodes, x, points)
    if type(kernel) is RationalQuadratic:
        base = apply("Add", apply("Div", squares, 2 * kernel.alpha * kernel.length_scale**2), 1)
        return apply("Pow", base, -kernel.alpha)
    if type(kernel) is ExpSineSquared:
        wave = nodes.add("Sin", [apply("Mul", nodes.add("Sqrt", [squares]), np.pi / kernel.periodicity)])
        return nodes.add("Exp", [apply("Mul", apply("Pow", apply("Div", wave, kernel.length_scale), 2), -2)])
    raise NotImplementedError(f"it has the kernel {type(kernel).__name__}, for which there is no converter")


def matern(nodes: Nodes, nu: float, squares: str) -> str:
    """An exponential and, but for the roughest one, a polynomial."""
    distance = nodes.add("Sqrt", [squares])
    if nu == 0.5:
        return nodes.add("Exp", [nodes.add("Neg", [distance])])
    if nu not in (1.5, 2.5):
        raise NotImplementedError(f"it has a Matern kernel with nu={nu}, which needs a Bessel function")
    scaled = nodes.add("Mul", [distance, nodes.constant(math.sqrt(2 * nu))])
    factor = nodes.add("Add", [scaled, nodes.constant(1.0)])
    if nu == 2.5:
        square = nodes.add("Div", [nodes.add("Mul", [scaled, scaled]), nodes.constant(3.0)])
        factor = nodes.add("Add", [factor, square])
    return nodes.add("Mul", [factor, nodes.add("Exp", [nodes.add("Neg", [scaled])])])


def itself(nodes: Nodes, kernel: Any, x: str) -> str:
    """The kernel between each row and itself, `[N, 1]`, or one number."""
    if type(kernel) in COMBINED:
        return nodes.add(COMBINED[type(kernel)], [itself(nodes, part, x) for part in (kernel.k1, kernel.k2)])
    if type(kernel) is Exponentiation:
        return nodes.add("Pow", [itself(nodes, kernel.kernel, x), nodes.constant(float(kernel.exponent))])
    if type(kernel) in NUMBERS:
        return nodes.constant(float(getattr(kernel, NUMBERS[type(kernel)][0])))
    if type(kernel) is DotProduct:
        square = nodes.add("ReduceSumSquare", [x, nodes.constant(np.array([1]))], keepdims=1)
        return nodes.add("Add", [square, nodes.constant(float(kernel.sigma_0**2))])
    if type(kernel) in (RBF, Matern, RationalQuadratic, ExpSineSquared):
        return nodes.constant(1.0)
    raise NotImplementedError(f"it has the kernel {type(kernel).__name__}, for which there is no converter")
