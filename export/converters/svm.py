"""Support vector machines as libsvm evaluates them, in float64: ONNX Runtime's own SVM operators work in float32."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

from alpenglow._export.arithmetic import kernels
from alpenglow._export.arithmetic.classes import at, sides
from alpenglow._export.arithmetic.coupling import coupled
from alpenglow._export.converters import linear_model
from alpenglow._export.converters.linear_model import dense, product
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """One machine for each pair of classes, which votes for the first of them where it is above zero."""
    pairs = machines(nodes, model, inputs, pair_coefficients(model))
    found = two_classes(nodes, model, pairs) if len(model.classes_) == 2 else voted(nodes, model, pairs)
    if hasattr(model, "predict_proba"):
        found["probabilities"] = coupled(nodes, pairs, model._probA, model._probB, len(model.classes_))
    return found


def two_classes(nodes: Nodes, model: Any, pair: str) -> Outputs:
    """The second class from zero on; scikit-learn turns the sign around."""
    decision = nodes.add("Neg", [pair])
    second = nodes.add("GreaterOrEqual", [nodes.flat(decision), nodes.constant(0.0)])
    return {"label": at(nodes, model.classes_, nodes.cast(second, TensorProto.INT64)), "decision": decision}


def voted(nodes: Nodes, model: Any, pairs: str) -> Outputs:
    """The first class with the most votes; or, to break ties, the one with the largest decision."""
    first, second = pair_members(len(model.classes_))
    positive = nodes.cast(nodes.add("Greater", [pairs, nodes.constant(0.0)]), TensorProto.DOUBLE)
    votes = product(nodes, positive, (first - second).T, second.sum(axis=0))
    decision = pairs
    if model.decision_function_shape == "ovr":
        decision = one_against_rest(nodes, pairs, first, second)
    best = nodes.add("ArgMax", [decision if model.break_ties else votes], axis=1, keepdims=0)
    return {"label": at(nodes, model.classes_, best), "decision": decision}


def one_against_rest(nodes: Nodes, pairs: str, first: NDArray[Any], second: NDArray[Any]) -> str:
    """The votes, in which zero counts for the first class, and less than a third for the sum of the distances."""
    negative = nodes.cast(nodes.add("Less", [pairs, nodes.constant(0.0)]), TensorProto.DOUBLE)
    votes = product(nodes, negative, (second - first).T, first.sum(axis=0))
    total = nodes.add("MatMul", [pairs, nodes.constant(first - second)])
    size = nodes.add("Add", [nodes.add("Abs", [total]), nodes.constant(1.0)])
    return nodes.add("Add", [votes, nodes.add("Div", [total, nodes.add("Mul", [size, nodes.constant(3.0)])])])


def pair_members(classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each pair of classes, `[P, C]`, a one for its first and a one for its second."""
    pairs = np.array(list(combinations(range(classes), 2)))
    return np.eye(classes)[pairs[:, 0]], np.eye(classes)[pairs[:, 1]]


def pair_coefficients(model: Any) -> NDArray[np.float64]:
    """The coefficients of all support vectors in each pair's machine, `[P, S]`; zero for other classes' vectors.

    libsvm keeps `[C - 1, S]`: for a vector of class i the row j - 1 if it is paired with a later class j, the row j
    with an earlier one.
    """
    packed = dense(model._dual_coef_)
    ends = np.cumsum(model.n_support_)
    spread = []
    for i, j in combinations(range(len(model.classes_)), 2):
        row = np.zeros(packed.shape[1])
        for own, other in ((i, j - 1), (j, i)):
            vectors = slice(ends[own] - model.n_support_[own], ends[own])
            row[vectors] = packed[other, vectors]
        spread.append(row)
    return np.array(spread)


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """One machine."""
    return {"prediction": machines(nodes, model, inputs, dense(model._dual_coef_))}


def convert_one_class(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """An inlier is above zero."""
    decision = machines(nodes, model, inputs, dense(model._dual_coef_))
    return sides(nodes, decision, "Greater")


def machines(nodes: Nodes, model: Any, inputs: Inputs, coefficients: NDArray[np.float64]) -> str:
    """What libsvm computes for each row of coefficients `[P, S]`: `[N, P]`."""
    x = nodes.matrix(inputs)
    vectors = dense(model.support_vectors_)
    if model.kernel == "linear":
        # The vectors' sum, made once and with more digits than libsvm has when it adds up the products.
        weights = coefficients.astype(np.longdouble) @ vectors.astype(np.longdouble)
        return product(nodes, x, weights, model._intercept_)
    return product(nodes, kernel(nodes, model, x, vectors), coefficients, model._intercept_)


def kernel(nodes: Nodes, model: Any, x: str, vectors: NDArray[Any]) -> str:
    """The kernel between the rows and the support vectors, `[N, S]`."""
    if model.kernel == "rbf":
        return kernels.radial(nodes, x, vectors, model._gamma)
    if model.kernel == "poly":
        return kernels.polynomial(nodes, x, vectors, model._gamma, model.coef0, model.degree)
    if model.kernel == "sigmoid":
        return kernels.sigmoid(nodes, x, vectors, model._gamma, model.coef0)
    if model.kernel == "precomputed" and not model._sparse:
        return nodes.pick(x, model.support_)
    raise NotImplementedError("it has a kernel of its own making")


PREDICTORS = {
    **dict.fromkeys((NuSVC, SVC), convert_classifier),
    **dict.fromkeys((NuSVR, SVR), convert_regressor),
    OneClassSVM: convert_one_class,
    LinearSVC: linear_model.convert_classifier,
    LinearSVR: linear_model.convert_regressor,
}
