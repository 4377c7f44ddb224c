"""Nystroem: columns that say how near a row is to a few of the training."""

from typing import Any

from sklearn.kernel_approximation import Nystroem

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.kernels import pairwise
from alpenglow._export.arithmetic.products import product
from alpenglow._export.graph.nodes import Inputs, Nodes


def nystroem(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The kernel with a few training rows, times the normalization."""
    if callable(model.kernel) or model.kernel == "precomputed":
        raise NotImplementedError(f"its kernel is {model.kernel!r}")
    kernel = pairwise(nodes, nodes.matrix(inputs), model.components_, model.kernel, **model._get_kernel_params())
    return product(nodes, kernel, model.normalization_.T)


TRANSFORMERS = {Nystroem: nystroem}
BORDERS = {Nystroem: NOWHERE}
