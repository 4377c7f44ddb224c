"""From scores to labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.graph.nodes import Nodes, Outputs


def labels(classes: NDArray[Any]) -> NDArray[Any]:
    """Class labels as a tensor: strings stay, numbers and booleans become int64."""
    return classes.astype(object) if classes.dtype.kind in "OUST" else classes.astype(np.int64)


def at(nodes: Nodes, classes: NDArray[Any], index: str) -> str:
    """The labels `[N]` of class numbers int64 `[N]`."""
    return nodes.add("Gather", [nodes.constant(labels(classes)), index], axis=0)


def labelled(nodes: Nodes, model: Any, probabilities: str) -> Outputs:
    """Probabilities `[N, C]`, and as label the first class that has the most."""
    best = nodes.add("ArgMax", [probabilities], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, best), "probabilities": probabilities}


def sides(nodes: Nodes, decision: str, comparison: str) -> Outputs:
    """The labels 1 and -1."""
    inlier = nodes.add(comparison, [nodes.flat(decision), nodes.constant(0.0)])
    label = nodes.add("Where", [inlier, nodes.constant(np.int64(1)), nodes.constant(np.int64(-1))])
    return {"label": label, "decision": decision}
