"""Linear maps: principal components and their kin."""

from typing import Any

import numpy as np
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, TruncatedSVD

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.arithmetic.products import product, project
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.nodes import Inputs, Nodes


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


TRANSFORMERS = {
    FactorAnalysis: factors,
    FastICA: independent,
    IncrementalPCA: principal,
    PCA: principal,
    TruncatedSVD: project,
}
BORDERS = dict.fromkeys(TRANSFORMERS, NOWHERE)
