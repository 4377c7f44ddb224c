"""From scores to labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes, Outputs
from alpenglow._export.pipeline.labels import Classes, tensors_of
from alpenglow._serve.signature import SHARES


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


def side_by_side(nodes: Nodes, labels: Sequence[str]) -> str:
    """Labels `[N, T]` of those of each target, `[N]`."""
    return nodes.add("Concat", [nodes.column(label) for label in labels], axis=1)


def each_at(nodes: Nodes, classes: Classes, indices: Sequence[str]) -> str:
    """The labels `[N, T]` of class numbers int64 `[N]` of each target."""
    tables = tensors_of(classes)
    return side_by_side(nodes, [at(nodes, table, index) for table, index in zip(tables, indices, strict=True)])


def each_labelled(
    nodes: Nodes, classes: Classes, probabilities: Sequence[str], best: Sequence[str] | None = None
) -> Outputs:
    """The probabilities `[N, C]` of each target, and as labels `[N, T]` the first classes that have the most.

    With `best`, the class numbers `[N]` that are chosen otherwise.
    """
    chosen = best or [nodes.add("ArgMax", [each], axis=1, keepdims=0) for each in probabilities]
    return {
        "label": each_at(nodes, classes, chosen),
        **{f"{SHARES}{place}": each for place, each in enumerate(probabilities)},
    }


def split(nodes: Nodes, x: str, classes: Classes) -> list[str]:
    """The columns of each target's classes, `[N, C]` each, of those of all targets side by side."""
    ends = np.cumsum([len(each) for each in classes])
    return [nodes.pick(x, np.arange(end - len(each), end)) for each, end in zip(classes, ends, strict=True)]


def indicated(nodes: Nodes, scores: str, threshold: float) -> str:
    """Labels 0 and 1 `[N, T]`: whether each score is above a threshold."""
    return nodes.cast(nodes.add("Greater", [scores, nodes.constant(threshold)]), TensorProto.INT64)


def sides(nodes: Nodes, decision: str, comparison: str) -> Outputs:
    """The labels 1 and -1."""
    inlier = nodes.add(comparison, [nodes.flat(decision), nodes.constant(0.0)])
    label = nodes.add("Where", [inlier, nodes.constant(np.int64(1)), nodes.constant(np.int64(-1))])
    return {"label": label, "decision": decision}
