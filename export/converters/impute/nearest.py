"""KNNImputer: the mean of what the nearest stored rows have in a column where a row has a gap.

Which of several rows that are as far as the last one are taken is left to NumPy's partition, which differs from one
processor to the next, and so is the order in which their values are added; here the first of them are taken, the
nearest first.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.impute import KNNImputer
from sklearn.metrics.pairwise import nan_euclidean_distances
from sklearn.utils.extmath import row_norms

from alpenglow._export.arithmetic.borders import Borders
from alpenglow._export.arithmetic.sums import pairwise_sum
from alpenglow._export.arithmetic.ties import top_k
from alpenglow._export.converters.impute.simple import indicated, missing
from alpenglow._export.converters.neighbors.nearest import by_rank, inverse_distances
from alpenglow._export.graph.columns import width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.tracing.pairs import of_distances


def impute(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Fill the gaps of those rows that have some, column by column."""
    if callable(model.metric):
        raise NotImplementedError("its metric is a Python function, which compares one pair of rows at a time")
    known = np.flatnonzero(model._valid_mask)
    [table] = nodes.table(nodes.matrix(inputs), width(inputs))
    x, gaps = table.full_name, missing(nodes, table, model.missing_values)
    lacking = nodes.add("ReduceMax", [whole(nodes, nodes.pick(gaps, known)), nodes.constant(np.array([1]))], keepdims=0)
    rows, some = chosen(nodes, lacking)
    x_some, gaps_some = (nodes.add("Gather", [tensor, some], axis=0) for tensor in (x, gaps))
    distances = nan_euclidean(nodes, model, x_some, gaps_some)
    columns = []
    for place in known.tolist():
        column = nodes.pick(x_some, place)
        receivers, few = chosen(nodes, whole(nodes, nodes.pick(gaps_some, place)))
        value = mean_of_donors(nodes, model, place, nodes.add("Gather", [distances, few], axis=0))
        filled = nodes.add("ScatterND", [column, nodes.column(receivers), without_last(nodes, value)])
        columns.append(nodes.column(filled))
    made = without_last(nodes, nodes.add("Concat", columns, axis=1))
    found = nodes.add("ScatterND", [nodes.pick(x, known), nodes.column(rows), made])
    return [*with_empty(nodes, model, found, known), *indicated(nodes, inputs, model.indicator_)]


def whole(nodes: Nodes, flags: str) -> str:
    """Booleans as numbers."""
    return nodes.cast(flags, TensorProto.INT32)


def chosen(nodes: Nodes, flags: str) -> tuple[str, str]:
    """The places of ones among numbers `[N]`; and the same with one more at the end, as no TopK takes no rows."""
    places = nodes.flat(nodes.add("NonZero", [flags]))
    return places, nodes.add("Concat", [places, nodes.constant(np.array([0]))], axis=0)


def without_last(nodes: Nodes, x: str) -> str:
    """All rows but the one that is there lest there be none."""
    return nodes.add("Slice", [x, *(nodes.constant(np.array([end])) for end in (0, -1, 0))])


def nan_euclidean(nodes: Nodes, model: Any, x: str, gaps: str) -> str:
    """The distances `[R, M]` to the stored rows, from the columns that both have; NaN where they share none.

    As `sklearn.metrics.nan_euclidean_distances` computes them: |x|^2 - 2 x.y + |y|^2 with zeros for gaps, less the
    squares of what the other one lacks.
    """
    absent = model._mask_fit_X
    stored = np.where(absent, 0.0, model._fit_X).astype(np.float64)
    zero, lacks = nodes.constant(0.0), nodes.cast(gaps, TensorProto.DOUBLE)
    x = nodes.add("Where", [gaps, zero, x])
    squares = nodes.add("Mul", [x, x])
    own = nodes.add("ReduceSum", [squares, nodes.constant(np.array([1]))], keepdims=1)
    total = nodes.add("Gemm", [x, nodes.constant(stored)], alpha=-2.0, transB=1)
    total = nodes.add(
        "Add", [nodes.add("Add", [total, own]), nodes.constant(row_norms(stored, squared=True)[np.newaxis])]
    )
    total = nodes.add("Max", [total, zero])
    total = nodes.add("Sub", [total, nodes.add("MatMul", [squares, nodes.constant(absent.T.astype(np.float64))])])
    total = nodes.add("Sub", [total, nodes.add("MatMul", [lacks, nodes.constant((stored * stored).T)])])
    total = nodes.add("Max", [total, zero])
    has = nodes.add("Sub", [nodes.constant(1.0), lacks])
    both = nodes.add("MatMul", [has, nodes.constant(np.ascontiguousarray(~absent.T).astype(np.float64))])
    mean = nodes.add("Div", [total, both])  # of none NaN, or infinite if there is rounding left
    mean = nodes.add("Where", [nodes.add("Equal", [both, zero]), nodes.constant(np.nan), mean])
    return nodes.add("Sqrt", [nodes.add("Mul", [mean, nodes.constant(float(stored.shape[1]))])])


def mean_of_donors(nodes: Nodes, model: Any, place: int, distances: str) -> str:
    """The mean `[R]` of a column over the nearest rows that have it; over all of them where no distance is known."""
    donors = np.flatnonzero(~model._mask_fit_X[:, place])
    count = min(model.n_neighbors, len(donors))
    distances = nodes.pick(distances, donors)
    unknown = nodes.add("IsNaN", [distances])
    order = top_k(nodes, nodes.add("Where", [unknown, nodes.constant(np.inf), distances]), count)[1]
    weight = weights(nodes, model, nodes.add("GatherElements", [distances, order], axis=1), count)
    values = nodes.constant(model._fit_X[donors, place].astype(np.float64))
    own = nodes.add("Gather", [values, nodes.add("Transpose", [order], perm=[1, 0])], axis=0)
    terms = nodes.add("Mul", [nodes.add("Unsqueeze", [own, nodes.constant(np.array([2]))]), weight])
    sums = [nodes.flat(pairwise_sum(nodes, part, count)) for part in (terms, weight)]
    least = nodes.add("ReduceMin", [whole(nodes, unknown), nodes.constant(np.array([1]))], keepdims=0)
    mean = float(np.ma.array(model._fit_X[:, place], mask=model._mask_fit_X[:, place]).mean())
    return nodes.add("Where", [nodes.cast(least, TensorProto.BOOL), nodes.constant(mean), nodes.add("Div", sums)])


def weights(nodes: Nodes, model: Any, distances: str, count: int) -> str:
    """What each donor counts, `[k, R, 1]`, by its distance `[R, k]`; nothing where that is not known."""
    if callable(model.weights):
        weight = by_rank(nodes, of_distances(nodes, model.weights, distances, count))
    elif model.weights == "distance":
        weight = inverse_distances(nodes, by_rank(nodes, distances))
    else:
        known = nodes.add("Mul", [by_rank(nodes, distances), nodes.constant(0.0)])
        weight = nodes.add("Add", [known, nodes.constant(1.0)])
    return nodes.add("Where", [nodes.add("IsNaN", [weight]), nodes.constant(0.0), weight])


def with_empty(nodes: Nodes, model: Any, found: str, known: NDArray[np.int64]) -> Inputs:
    """The columns, and zeros in place of those that had no value when it was fitted, if these are kept."""
    count = len(model._valid_mask)
    if not model.keep_empty_features or len(known) == count:
        return nodes.table(found, len(known))
    padded = nodes.add("Pad", [found, nodes.constant(np.array([0, 0, 0, 1])), nodes.constant(0.0)])
    place = np.full(count, len(known))
    place[known] = np.arange(len(known))
    return nodes.table(nodes.pick(padded, place), count)


def donors(model: Any, rows: Any) -> NDArray[np.int64]:
    """Which stored rows fill the gaps of each column, the nearest first; -1 where there is no gap."""
    x = np.asarray(rows, np.float64)
    distances = nan_euclidean_distances(x, model._fit_X, missing_values=model.missing_values)
    gaps = np.isnan(x) if np.isnan(model.missing_values) else x == model.missing_values
    found = []
    for place in np.flatnonzero(model._valid_mask).tolist():
        near = np.argsort(np.where(model._mask_fit_X[:, place], np.nan, distances), axis=1, kind="stable")
        found.append(np.where(gaps[:, [place]], near[:, : model.n_neighbors], -1))
    return np.concatenate(found, axis=1)


TRANSFORMERS = {KNNImputer: impute}
BORDERS = {KNNImputer: Borders(decisions=(donors,)).to_rounding()}
