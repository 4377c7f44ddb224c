"""The error function in float64, which ONNX Runtime has in float32 only."""

import math

import numpy as np
from numpy.polynomial.hermite import hermval
from numpy.typing import NDArray

from alpenglow._export.graph.nodes import Nodes

# From six on, the error function is one to the last digit. Up to there, sixteen points to the unit, and around each
# of them a series of eleven terms, the last of which is below 1e-17.
LARGEST, STEPS, TERMS = 6, 16, 11


def erf(nodes: Nodes, x: str) -> str:
    """`erf(x)` of `[N, K]`, with an error of no more than 3e-16."""
    size = nodes.add("Min", [nodes.add("Abs", [x]), nodes.constant(float(LARGEST))])
    place = nodes.add("Round", [nodes.add("Mul", [size, nodes.constant(float(STEPS))])])
    beside = nodes.add("Sub", [size, nodes.add("Div", [place, nodes.constant(float(STEPS))])])
    powers = nodes.add(
        "Pow",
        [nodes.add("Unsqueeze", [beside, nodes.constant(np.array([2]))]), nodes.constant(np.arange(float(TERMS)))],
    )
    series = nodes.add("Gather", [nodes.constant(table()), nodes.cast(place, 7)], axis=0)  # [N, K, terms]
    value = nodes.add("ReduceSum", [nodes.add("Mul", [series, powers]), nodes.constant(np.array([2]))], keepdims=0)
    return nodes.add("Mul", [value, nodes.add("Sign", [x])])


def table() -> NDArray[np.float64]:
    """The Taylor series around each point, `[points, terms]`: derivatives of exp(-x**2) are Hermite polynomials."""
    points = np.arange(LARGEST * STEPS + 1) / STEPS
    bell = 2 / math.sqrt(math.pi) * np.exp(-(points**2))
    columns = [np.array([math.erf(point) for point in points])]
    for order in range(TERMS - 1):
        hermite = hermval(points, [0.0] * order + [1.0])
        columns.append((-1.0) ** order * hermite * bell / math.factorial(order + 1))
    return np.stack(columns, axis=1)
