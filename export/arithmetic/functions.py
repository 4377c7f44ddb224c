"""Functions of NumPy's in the graph: those that ONNX has, too, and what it lacks, such as log1p and expm1."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from alpenglow._export.graph.nodes import Nodes

# A quarter of a turn: its first 33 bits, which times 20 bits are exact, and the rest of many more than float64 has.
FIRST = float.fromhex("0x1.921fb544p+0")
QUARTER = (FIRST, np.pi / 2 - FIRST + 6.123233995736766e-17)
MOST_TURNED = 2.0**20
ENOUGH = 24  # terms of the series of the arc sine for squares up to a quarter


def log1p(nodes: Nodes, x: str) -> str:
    """`log(1 + x)` within a few units in the last place.

    With u = 1 + x as rounded, log(u) * x / (u - 1) makes up for what the rounding took from a small x.
    """
    one = nodes.constant(np.float64(1.0))
    u = nodes.add("Add", [x, one])
    log = nodes.add("Log", [u])
    added = nodes.add("Sub", [u, one])
    mended = nodes.add("Mul", [log, nodes.add("Div", [x, added])])
    nothing = nodes.add("Equal", [added, nodes.constant(np.float64(0.0))])
    small = nodes.add("Where", [nothing, x, mended])
    return nodes.add("Where", [nodes.add("Greater", [x, one]), log, small])


def expm1(nodes: Nodes, x: str) -> str:
    """`exp(x) - 1` within a few units in the last place, by the same idea: (u - 1) * x / log(u) with u = exp(x)."""
    u = nodes.add("Exp", [x])
    less = nodes.add("Sub", [u, nodes.constant(np.float64(1.0))])
    mended = nodes.add("Mul", [less, nodes.add("Div", [x, nodes.add("Log", [u])])])
    nothing = nodes.add("Equal", [less, nodes.constant(np.float64(0.0))])
    small = nodes.add("Where", [nothing, x, mended])
    large = nodes.add("Greater", [nodes.add("Abs", [x]), nodes.constant(np.float64(1.0))])
    return nodes.add("Where", [large, less, small])


def arcsin(nodes: Nodes, x: str) -> str:
    """The angle whose sine is x, within a few units in the last place; NaN beyond one.

    Up to one half it is x times a series of its square; beyond, `pi / 2 - 2 * arcsin(sqrt((1 - x) / 2))`.
    """
    size, half, one = nodes.add("Abs", [x]), nodes.constant(np.float64(0.5)), nodes.constant(np.float64(1.0))
    far = nodes.add("Greater", [size, half])
    rest = nodes.add("Mul", [nodes.add("Sub", [one, size]), half])
    square = nodes.add("Where", [far, rest, nodes.add("Mul", [x, x])])
    near = nodes.add("Where", [far, nodes.add("Sqrt", [rest]), size])
    terms = [math.comb(2 * n, n) / (4**n * (2 * n + 1)) for n in range(ENOUGH)]
    found, *others = (nodes.constant(np.float64(term)) for term in reversed(terms))
    for term in others:
        found = nodes.add("Add", [nodes.add("Mul", [found, square]), term])
    angle = nodes.add("Mul", [near, found])
    twice = nodes.add("Mul", [angle, nodes.constant(np.float64(2.0))])
    angle = nodes.add("Where", [far, nodes.add("Sub", [nodes.constant(np.float64(np.pi / 2)), twice]), angle])
    below = nodes.add("Less", [x, nodes.constant(np.float64(0.0))])
    return nodes.add("Where", [below, nodes.add("Neg", [angle]), angle])


def arcsinh(nodes: Nodes, x: str) -> str:
    """`log1p(x + x ** 2 / (1 + sqrt(x ** 2 + 1)))` of the size of x, within a few units in the last place."""
    one, size = nodes.constant(np.float64(1.0)), nodes.add("Abs", [x])
    square = nodes.add("Mul", [x, x])
    root = nodes.add("Sqrt", [nodes.add("Add", [square, one])])
    found = log1p(nodes, nodes.add("Add", [size, nodes.add("Div", [square, nodes.add("Add", [one, root])])]))
    # Beyond this, one is nothing beside the square, and the square itself may overflow.
    large = nodes.add("Greater", [size, nodes.constant(np.float64(2.0**28))])
    far = nodes.add("Add", [nodes.add("Log", [size]), nodes.constant(np.log(2.0))])
    found = nodes.add("Where", [large, far, found])
    below = nodes.add("Less", [x, nodes.constant(np.float64(0.0))])
    return nodes.add("Where", [below, nodes.add("Neg", [found]), found])


def cosine(nodes: Nodes, x: str) -> str:
    """The cosine within a few units in the last place of one, and of its own size next to its zeros to some digits.

    A number is so many quarters of a turn, n, and a rest r: an even n gives `1 - 2 * sin(r / 2) ** 2`, an odd one
    `sin(r)`, each with a sign. Of large numbers the rest is not exact, and the whole is taken for it. ONNX Runtime has
    the sine alone in float64.
    """
    zero, half, one, two = (nodes.constant(np.float64(number)) for number in (0.0, 0.5, 1.0, 2.0))
    size = nodes.add("Abs", [x])
    near = nodes.add("Less", [size, nodes.constant(np.float64(MOST_TURNED))])
    count = nodes.add("Round", [nodes.add("Mul", [size, nodes.constant(np.float64(2 / np.pi))])])
    count = nodes.add("Where", [near, count, zero])
    rest = size
    for part in QUARTER:
        rest = nodes.add("Sub", [rest, nodes.add("Mul", [count, nodes.constant(np.float64(part))])])
    sine = nodes.add("Sin", [nodes.add("Mul", [rest, half])])
    even = nodes.add("Sub", [one, nodes.add("Mul", [nodes.add("Mul", [sine, sine]), two])])
    odd = nodes.add("Neg", [nodes.add("Sin", [rest])])
    quadrant = nodes.add("Mod", [count, nodes.constant(np.float64(4.0))], fmod=1)
    is_odd = nodes.add("Equal", [nodes.add("Mod", [count, two], fmod=1), one])
    found = nodes.add("Where", [is_odd, odd, even])
    return nodes.add("Where", [nodes.add("GreaterOrEqual", [quadrant, two]), nodes.add("Neg", [found]), found])


def operator(name: str) -> Callable[[Nodes, str], str]:
    """An operator of ONNX's that takes one tensor."""
    return lambda nodes, x: nodes.add(name, [x])


def scaled_log(base: float) -> Callable[[Nodes, str], str]:
    """The logarithm to another base."""
    return lambda nodes, x: nodes.add("Div", [nodes.add("Log", [x]), nodes.constant(np.log(base))])


# The others are within a few units in the last place. None is the identity, as behind `remainder="passthrough"`.
EXACT = (None, np.abs, np.fabs, np.ceil, np.floor, np.negative, np.reciprocal, np.rint, np.sign, np.sqrt, np.square)
FUNCTIONS: dict[Any, Callable[[Nodes, str], str]] = {
    np.abs: operator("Abs"),
    np.fabs: operator("Abs"),
    np.arcsin: arcsin,
    np.arcsinh: arcsinh,
    np.ceil: operator("Ceil"),
    np.cos: cosine,
    np.exp: operator("Exp"),
    np.expm1: expm1,
    np.floor: operator("Floor"),
    np.log: operator("Log"),
    np.log10: scaled_log(10.0),
    np.log1p: log1p,
    np.log2: scaled_log(2.0),
    np.negative: operator("Neg"),
    np.reciprocal: operator("Reciprocal"),
    np.rint: operator("Round"),
    np.sign: operator("Sign"),
    np.sqrt: operator("Sqrt"),
    np.square: lambda nodes, x: nodes.add("Mul", [x, x]),
    np.tanh: operator("Tanh"),
}
