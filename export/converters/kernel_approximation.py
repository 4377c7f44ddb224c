"""Nystroem: columns that say how near a row is to a few of the training."""

from typing import Any

from sklearn.kernel_approximation import Nystroem

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.products import product
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.pairs import between


def nystroem(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The kernel with a few training rows, times the normalization."""
    if model.kernel == "precomputed":
        raise NotImplementedError(f"its kernel is {model.kernel!r}")
    options = model._get_kernel_params()
    kernel = between(nodes, nodes.matrix(inputs), model.components_, model.kernel, options, **options)
    return product(nodes, kernel, model.normalization_.T)


TRANSFORMERS = {Nystroem: nystroem}
BORDERS = {Nystroem: NOWHERE}
