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
    pairs = machines(nodes, model, inputs, pair_terms(model))
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


def pair_terms(model: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each pair of classes the support vectors `[L, P]` that its machine adds up, and their coefficients.

    They are those of its first class, then those of its second. Where there are less than L the last ones are number S,
    one past all of them, with a coefficient of zero.

    libsvm keeps the coefficients as `[C - 1, S]`: for a vector of class i the row j - 1 if it is paired with a later
    class j, the row j with an earlier one.
    """
    packed = dense(model._dual_coef_)
    vectors = np.split(np.arange(packed.shape[1]), np.cumsum(model.n_support_)[:-1])
    pairs = list(combinations(range(len(model.classes_)), 2))
    longest = max(len(vectors[i]) + len(vectors[j]) for i, j in pairs)
    which = np.full((longest, len(pairs)), packed.shape[1])
    weights = np.zeros((longest, len(pairs)))
    for pair, (i, j) in enumerate(pairs):
        terms = np.r_[vectors[i], vectors[j]]
        which[: len(terms), pair] = terms
        weights[: len(terms), pair] = np.r_[packed[j - 1, vectors[i]], packed[i, vectors[j]]]
    return which, weights


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """One machine."""
    return {"prediction": machines(nodes, model, inputs, all_terms(model))}


def convert_one_class(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """An inlier is above zero."""
    decision = machines(nodes, model, inputs, all_terms(model))
    return sides(nodes, decision, "Greater")


def all_terms(model: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same of a model that is a single machine."""
    weights = dense(model._dual_coef_)[0]
    return np.arange(len(weights))[:, np.newaxis], weights[:, np.newaxis]


def machines(nodes: Nodes, model: Any, inputs: Inputs, terms: tuple[NDArray[np.int64], NDArray[np.float64]]) -> str:
    """What libsvm computes for each pair of classes, `[N, P]`: its terms `[L, P]`, added one after the other."""
    which, weights = terms
    values = kernel(nodes, model, nodes.matrix(inputs), dense(model.support_vectors_))  # [S, N]
    if which.shape[1] > 1:
        first = nodes.add("Slice", [values, *(nodes.constant(np.array([number])) for number in (0, 1, 0))])
        nothing = nodes.cast(nodes.add("Less", [first, first]), TensorProto.DOUBLE)
        values = nodes.add("Gather", [nodes.add("Concat", [values, nothing], axis=0), nodes.constant(which)], axis=0)
        weights = weights[:, :, np.newaxis]
    total = nodes.ordered_sum(nodes.add("Mul", [values, nodes.constant(weights)]))
    by_row = nodes.add("Transpose", [total], perm=[1, 0]) if which.shape[1] > 1 else nodes.column(total)
    return nodes.add("Add", [by_row, nodes.constant(model._intercept_[np.newaxis])])


def kernel(nodes: Nodes, model: Any, x: str, vectors: NDArray[Any]) -> str:
    """The kernel between the support vectors and the rows, `[S, N]`."""
    if model.kernel == "rbf":
        return nodes.add("Transpose", [kernels.radial(nodes, x, vectors, model._gamma)], perm=[1, 0])
    if model.kernel == "precomputed" and not model._sparse:
        return nodes.add("Transpose", [nodes.pick(x, model.support_)], perm=[1, 0])
    products = nodes.add("Gemm", [nodes.constant(vectors), x], transB=1)
    if model.kernel == "linear":
        return products
    scaled = nodes.add("Mul", [products, nodes.constant(float(model._gamma))])
    if model.kernel == "poly":
        return power(nodes, nodes.add("Add", [scaled, nodes.constant(float(model.coef0))]), model.degree)
    if model.kernel == "sigmoid":
        return nodes.add("Tanh", [nodes.add("Add", [scaled, nodes.constant(float(model.coef0))])])
    raise NotImplementedError("it has a kernel of its own making")


def power(nodes: Nodes, x: str, degree: int) -> str:
    """A whole power, by squares as libsvm multiplies them; whatever is not above zero makes one."""
    found = ""
    while degree > 0:
        if degree % 2:
            found = nodes.add("Mul", [found, x]) if found else x
        degree //= 2
        x = nodes.add("Mul", [x, x]) if degree else x
    return found or nodes.add("Add", [nodes.add("Mul", [x, nodes.constant(0.0)]), nodes.constant(1.0)])


PREDICTORS = {
    **dict.fromkeys((NuSVC, SVC), convert_classifier),
    **dict.fromkeys((NuSVR, SVR), convert_regressor),
    OneClassSVM: convert_one_class,
    LinearSVC: linear_model.convert_classifier,
    LinearSVR: linear_model.convert_regressor,
}
