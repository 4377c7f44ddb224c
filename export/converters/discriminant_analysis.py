"""Discriminant analysis: linear, a product; quadratic, for each class the distance from its mean, in its own axes."""

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from alpenglow._export.arithmetic.borders import MARGIN
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.arithmetic.products import product
from alpenglow._export.arithmetic.sums import pairwise_sum
from alpenglow._export.converters.linear_model import convert_logistic
from alpenglow._export.converters.preprocessing.scalers import row
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The class with the largest score; the probabilities are the scores' softmax."""
    scores = class_scores(nodes, model, inputs)
    best = nodes.add("ArgMax", [scores], axis=1, keepdims=0)
    decision = scores
    if len(model.classes_) == 2:
        decision = nodes.add("Sub", [nodes.pick(scores, [1]), nodes.pick(scores, [0])])
    probabilities = nodes.add("Softmax", [scores], axis=1)
    return {"label": at(nodes, model.classes_, best), "decision": decision, "probabilities": probabilities}


def class_scores(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The logarithm of each class's joint density with the row, up to a constant, `[N, C]`."""
    away = nodes.add("Sub", [nodes.matrix(inputs), nodes.constant(np.asarray(model.means_, np.float64)[:, np.newaxis])])
    turned = nodes.add("MatMul", [away, nodes.constant(axes(model))])  # [C, N, axes]
    count = max(map(len, model.scalings_))
    # Behind the reshaping ONNX Runtime cannot put the transposition off until after the sum, which it would reorder.
    shape = nodes.constant(np.array([count, -1, len(model.classes_)]))
    by_axis = nodes.add("Reshape", [nodes.add("Transpose", [turned], perm=[2, 1, 0]), shape])
    norm = pairwise_sum(nodes, nodes.add("Mul", [by_axis, by_axis]), count)
    size = np.array([np.log(scaling).sum() for scaling in model.scalings_], np.float64)
    raised = nodes.add("Add", [norm, nodes.constant(size)])
    with np.errstate(divide="ignore"):
        prior = np.log(np.asarray(model.priors_, np.float64))
    return nodes.add("Add", [nodes.add("Mul", [raised, nodes.constant(-0.5)]), nodes.constant(prior)])


def axes(model: Any) -> Any:
    """The classes' axes in units of their variance, `[C, F, axes]`; a class with fewer has zeros for the rest."""
    each = [rotation * scaling**-0.5 for rotation, scaling in zip(model.rotations_, model.scalings_, strict=True)]
    found = np.zeros((len(each), each[0].shape[0], max(one.shape[1] for one in each)))
    for place, one in enumerate(each):
        found[place, :, : one.shape[1]] = one
    if not np.isfinite(found).all():
        raise NotImplementedError("a class has no variance in some direction")
    return found


def discriminants(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """`(x - mean) @ scalings` or, of another solver, `x @ scalings`."""
    x = nodes.matrix(inputs)
    if model.solver == "lsqr":
        raise NotImplementedError("its solver 'lsqr' does not transform")
    if model.solver == "svd":
        x = nodes.add("Sub", [x, nodes.constant(row(model.xbar_))])
    return product(nodes, x, model.scalings_[:, : model._max_components])


PREDICTORS = {LinearDiscriminantAnalysis: convert_logistic, QuadraticDiscriminantAnalysis: convert}
TRANSFORMERS = {LinearDiscriminantAnalysis: discriminants}
BORDERS = dict.fromkeys((LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis), MARGIN)
