"""Support vector machines as libsvm evaluates them, in float64: ONNX Runtime's own SVM operators work in float32."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

from alpenglow._export.arithmetic import kernels
from alpenglow._export.arithmetic.borders import ANSWER, MARGIN, NOWHERE, Borders, label, middles
from alpenglow._export.arithmetic.classes import at, sides
from alpenglow._export.arithmetic.coupling import coupled
from alpenglow._export.converters import linear_model
from alpenglow._export.converters.linear_model import dense, product
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.tracing.pairs import of_matrices


def convert_classifier(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """One machine for each pair of classes, which votes for the first of them where it is above zero."""
    pairs = machine(nodes, model, inputs) if len(model.classes_) == 2 else pair_machines(nodes, model, inputs)
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


def pair_machines(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """What libsvm computes for each pair of classes, `[N, P]`: the terms of its first class, then of its second.

    libsvm keeps the coefficients as `[C - 1, S]`: for a vector of class i the row j - 1 if it is paired with a later
    class j, the row j with an earlier one.
    """
    values, coefficients = kernel_values(nodes, model, inputs), dense(model._dual_coef_)
    count, ends = len(model.classes_), np.cumsum(model.n_support_)
    pairs = list(combinations(range(count), 2))
    own, weights = [], []
    for start, end in zip(ends - model.n_support_, ends, strict=True):
        part = nodes.add("Slice", [values, *(nodes.constant(np.array([at])) for at in (start, end, 0))])
        own.append(nodes.add("Unsqueeze", [part, nodes.constant(np.array([1]))]))  # [L, 1, N]
        weights.append(np.ascontiguousarray(coefficients[:, start:end].T)[:, :, np.newaxis])  # [L, C - 1, 1]
    begun = [nodes.ordered_sum(nodes.add("Mul", [own[i], nodes.constant(weights[i][:, i:])])) for i in range(count - 1)]
    first = nodes.add("Concat", begun, axis=0)  # [P, N]
    ended, order = [], []
    for j in range(1, count):
        earlier = [pairs.index((i, j)) for i in range(j)]
        start_from = nodes.add("Gather", [first, nodes.constant(np.array([earlier]))], axis=0)  # [1, j, N]
        terms = nodes.add("Mul", [own[j], nodes.constant(weights[j][:, :j])])
        ended.append(nodes.ordered_sum(nodes.add("Concat", [start_from, terms], axis=0)))
        order += earlier
    total = nodes.add("Gather", [nodes.add("Concat", ended, axis=0), nodes.constant(np.argsort(order))], axis=0)
    return nodes.add("Add", [nodes.add("Transpose", [total], perm=[1, 0]), nodes.constant(model._intercept_)])


def convert_regressor(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """One machine."""
    return {"prediction": machine(nodes, model, inputs)}


def convert_one_class(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """An inlier is above zero."""
    decision = machine(nodes, model, inputs)
    return sides(nodes, decision, "Greater")


def machine(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """What libsvm computes where there is one machine, `[N, 1]`: its terms are added one after the other."""
    weights = nodes.constant(dense(model._dual_coef_).T)
    total = nodes.ordered_sum(nodes.add("Mul", [kernel_values(nodes, model, inputs), weights]))
    return nodes.add("Add", [nodes.column(total), nodes.constant(model._intercept_)])


def kernel_values(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The kernel between the support vectors and the rows, `[S, N]`."""
    if callable(model.kernel):
        found = of_matrices(nodes, model.kernel, nodes.matrix(inputs), dense(model._BaseLibSVM__Xfit))
        return nodes.add("Transpose", [nodes.pick(found, model.support_)], perm=[1, 0])
    return kernel(nodes, model, nodes.matrix(inputs), dense(model.support_vectors_))


def kernel(nodes: Nodes, model: Any, x: str, vectors: NDArray[Any]) -> str:
    """The same of rows `[N, F]` and vectors `[S, F]`."""
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
BORDERS = {
    **dict.fromkeys((NuSVC, SVC), Borders(points=lambda model: middles(model.support_vectors_), decisions=(label,))),
    **dict.fromkeys((NuSVR, SVR, LinearSVR), NOWHERE),
    OneClassSVM: ANSWER,
    LinearSVC: MARGIN,
}
