"""KernelPCA: columns that say how near a row is to those of the training."""

from typing import Any

import numpy as np
from sklearn.decomposition import KernelPCA

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.products import product
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.pairs import between


def principal(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The centered kernel with the training rows, times the eigenvectors."""
    if model.kernel == "precomputed":
        raise NotImplementedError(f"its kernel is {model.kernel!r}")
    known = model._centerer
    options = {"gamma": model.gamma_, "degree": model.degree, "coef0": model.coef0}
    kernel = between(nodes, nodes.matrix(inputs), model.X_fit_, model.kernel, model.kernel_params, **options)
    mean = nodes.add("ReduceMean", [kernel, nodes.constant(np.array([1]))], keepdims=1)
    centered = nodes.add("Sub", [kernel, nodes.constant(row(known.K_fit_rows_))])
    centered = nodes.add("Sub", [centered, mean])
    centered = nodes.add("Add", [centered, nodes.constant(np.float64(known.K_fit_all_))])
    some = np.flatnonzero(model.eigenvalues_)
    vectors = np.zeros_like(model.eigenvectors_)
    vectors[:, some] = model.eigenvectors_[:, some] / np.sqrt(model.eigenvalues_[some])
    return product(nodes, centered, vectors)


TRANSFORMERS = {KernelPCA: principal}
BORDERS = {KernelPCA: NOWHERE}
