"""Linear maps to fewer columns, by a product of matrices; its sums are added in another order than NumPy adds them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.columns import as_kind, is_sparse
from alpenglow._export.graph.nodes import Inputs, Nodes


def project(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x @ components.T`."""
    components = model.components_
    dense = components.toarray() if hasattr(components, "toarray") else components
    return product(nodes, nodes.matrix(inputs), dense.T)


def random_project(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same, sparse if the input is and nobody asked otherwise."""
    sparse = isinstance(model, SparseRandomProjection) and is_sparse(inputs) and not model.dense_output
    return as_kind(nodes, project(nodes, model, inputs), sparse=sparse)


def principal(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`x @ components.T - mean @ components.T`, divided by the standard deviations if whitened."""
    x = nodes.add("MatMul", [nodes.matrix(inputs), nodes.constant(model.components_.T)])
    x = nodes.add("Sub", [x, nodes.constant(row(model.mean_) @ model.components_.T)])
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        x = nodes.add("Div", [x, nodes.constant(row(np.maximum(scale, np.finfo(scale.dtype).eps)))])
    return nodes.table(x, len(model.components_))


def independent(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`(x - mean) @ components.T`."""
    x = nodes.matrix(inputs)
    if model.whiten:
        x = nodes.add("Sub", [x, nodes.constant(row(model.mean_))])
    return product(nodes, x, model.components_.T)


def factors(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The expected factors: two products."""
    weights = model.components_ / model.noise_variance_
    covariance = np.linalg.inv(np.eye(len(weights)) + weights @ model.components_.T)
    x = nodes.add("Sub", [nodes.matrix(inputs), nodes.constant(row(model.mean_))])
    return product(nodes, nodes.add("MatMul", [x, nodes.constant(weights.T)]), covariance)


def discriminants(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`(x - mean) @ scalings` or, of another solver, `x @ scalings`."""
    x = nodes.matrix(inputs)
    if model.solver == "lsqr":
        raise NotImplementedError("its solver 'lsqr' does not transform")
    if model.solver == "svd":
        x = nodes.add("Sub", [x, nodes.constant(row(model.xbar_))])
    return product(nodes, x, model.scalings_[:, : model._max_components])


def product(nodes: Nodes, x: str, matrix: NDArray[Any]) -> Inputs:
    """`x @ matrix`."""
    weights = nodes.constant(np.asarray(matrix, np.float64))
    return nodes.table(nodes.add("MatMul", [x, weights]), matrix.shape[1])


TRANSFORMERS = {
    FactorAnalysis: factors,
    FastICA: independent,
    GaussianRandomProjection: random_project,
    IncrementalPCA: principal,
    LinearDiscriminantAnalysis: discriminants,
    NeighborhoodComponentsAnalysis: project,
    PCA: principal,
    SparseRandomProjection: random_project,
    TruncatedSVD: project,
}
