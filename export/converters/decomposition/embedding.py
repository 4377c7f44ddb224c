"""KernelPCA, Nystroem and RandomTreesEmbedding: columns that say how near a row is to known ones."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.decomposition import KernelPCA
from sklearn.ensemble import RandomTreesEmbedding
from sklearn.kernel_approximation import Nystroem

from alpenglow._export.arithmetic.kernels import pairwise
from alpenglow._export.arithmetic.trees import of_scikit_learn, tree_values
from alpenglow._export.converters.decomposition.linear import product
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.nodes import Inputs, Nodes


def principal(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The centered kernel with the training rows, times the eigenvectors."""
    if callable(model.kernel) or model.kernel == "precomputed":
        raise NotImplementedError(f"its kernel is {model.kernel!r}")
    known = model._centerer
    options = {"gamma": model.gamma_, "degree": model.degree, "coef0": model.coef0}
    kernel = pairwise(nodes, nodes.matrix(inputs), model.X_fit_, model.kernel, **options)
    mean = nodes.add("ReduceMean", [kernel, nodes.constant(np.array([1]))], keepdims=1)
    centered = nodes.add("Sub", [kernel, nodes.constant(row(known.K_fit_rows_))])
    centered = nodes.add("Sub", [centered, mean])
    centered = nodes.add("Add", [centered, nodes.constant(np.float64(known.K_fit_all_))])
    some = np.flatnonzero(model.eigenvalues_)
    vectors = np.zeros_like(model.eigenvectors_)
    vectors[:, some] = model.eigenvectors_[:, some] / np.sqrt(model.eigenvalues_[some])
    return product(nodes, centered, vectors)


def nystroem(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The kernel with a few training rows, times the normalization."""
    if callable(model.kernel) or model.kernel == "precomputed":
        raise NotImplementedError(f"its kernel is {model.kernel!r}")
    kernel = pairwise(nodes, nodes.matrix(inputs), model.components_, model.kernel, **model._get_kernel_params())
    return product(nodes, kernel, model.normalization_.T)


def leaves(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The number of the leaf that a row reaches in each tree, one-hot encoded."""
    trees = [of_scikit_learn(tree.tree_, np.arange(tree.tree_.node_count)) for tree in model.estimators_]
    reached = tree_values(nodes, nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT), trees)
    by_row = nodes.add("Transpose", [nodes.add("Squeeze", [reached, nodes.constant(np.array([2]))])], perm=[1, 0])
    return nodes.features(model.one_hot_encoder_, nodes.table(by_row, len(trees)))


TRANSFORMERS = {KernelPCA: principal, Nystroem: nystroem, RandomTreesEmbedding: leaves}
