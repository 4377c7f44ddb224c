"""From raw predictions to predictions and probabilities, by the inverse of the loss's link."""

from typing import Any

import numpy as np
from sklearn._loss.link import HalfLogitLink, IdentityLink, LogitLink, LogLink, MultinomialLogit

from alpenglow._export.graph.nodes import Nodes


def expit(nodes: Nodes, x: str) -> str:
    """The logistic function as scipy computes it, 1 / (1 + exp(-x)); ONNX's Sigmoid takes another way."""
    growth = nodes.add("Exp", [nodes.add("Neg", [x])])
    return nodes.add("Div", [nodes.constant(1.0), nodes.add("Add", [growth, nodes.constant(1.0)])])


def inverse(nodes: Nodes, link: Any, raw: str) -> str:
    """What the loss's link turned into `raw` `[N, K]`."""
    if isinstance(link, IdentityLink):
        return raw
    if isinstance(link, LogLink):
        return nodes.add("Exp", [raw])
    if isinstance(link, LogitLink):
        return expit(nodes, raw)
    if isinstance(link, HalfLogitLink):
        return expit(nodes, nodes.add("Mul", [raw, nodes.constant(2.0)]))
    if isinstance(link, MultinomialLogit):
        return nodes.add("Softmax", [raw], axis=1)
    raise NotImplementedError(f"it has the link {type(link).__name__}")


def probabilities(nodes: Nodes, link: Any, raw: str) -> str:
    """Probabilities `[N, C]` of raw predictions `[N, 1]` of the second of two classes, or `[N, C]`."""
    found = inverse(nodes, link, raw)
    if isinstance(link, MultinomialLogit):
        return found
    return nodes.add("Concat", [nodes.add("Sub", [nodes.constant(1.0), found]), found], axis=1)


def link_of(nodes: Nodes, link: Any, probability: str, edge: float) -> str:
    """The other way: raw predictions of probabilities `[N, C]`, of which the second is taken if there are two.

    Follows scikit-learn's `_init_raw_predictions`, which keeps probabilities at the edge's distance from 0 and 1.
    """
    clipped = nodes.add("Clip", [probability, nodes.constant(edge), nodes.constant(1 - edge)])
    if isinstance(link, MultinomialLogit):
        logarithm = nodes.add("Log", [clipped])
        middle = nodes.add("ReduceMean", [logarithm, nodes.constant(np.array([1]))], keepdims=1)
        return nodes.add("Sub", [logarithm, middle])
    second = nodes.pick(clipped, [1])
    odds = nodes.add("Div", [second, nodes.add("Sub", [nodes.constant(1.0), second])])
    logit = nodes.add("Log", [odds])
    return nodes.add("Mul", [logit, nodes.constant(0.5)]) if isinstance(link, HalfLogitLink) else logit
