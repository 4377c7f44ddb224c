"""Decision trees and forests as one `TreeEnsemble` node (ai.onnx.ml 5), exact to the last bit.

What scikit-learn computes: it casts X to float32, compares it with float64 thresholds, takes for each tree the
reached leaf's float64 value, adds these in the trees' order and divides by their number. ONNX Runtime's own forest
sums float32 leaf weights instead, which moves probabilities by 4e-7 and flips labels at ties.

So the node only finds the leaf. It works in float32: each tree writes the row number of its leaf's value to a target
of its own; a table of the distinct values, in float64, turns row numbers into values; `CumSum`, which adds from left
to right, sums them in scikit-learn's order.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.base import is_classifier

from export.nodes import ML5, Nodes

SUM, NO_TRANSFORM, LESS_OR_EQUAL = 1, 0, 0  # enumerations of the TreeEnsemble operator
# Float32 counts exactly up to here.
MOST_LEAF_VALUES = 2**24


def largest_float32_not_above(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each threshold t the float32 f such that x <= t if and only if x <= f, for every float32 x."""
    with np.errstate(over="ignore"):
        rounded = thresholds.astype(np.float32)
        return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def leaf_values(trees: list[Any]) -> tuple[NDArray[np.float64], list[NDArray[np.int64]]]:
    """The distinct values `[V, K]` of all leaves, and for each tree the row that each of its nodes would take.

    K is the number of classes, or of a regressor's outputs.
    """
    values = np.concatenate([tree.value.reshape(tree.node_count, -1) for tree in trees])
    is_leaf = np.concatenate([tree.children_left < 0 for tree in trees])
    table, leaf_rows = np.unique(values[is_leaf], axis=0, return_inverse=True)
    rows = np.zeros(len(values), np.int64)
    rows[is_leaf] = leaf_rows.reshape(-1)
    return table, np.split(rows, np.cumsum([tree.node_count for tree in trees])[:-1])


def tree_ensemble(trees: list[Any], rows: list[NDArray[np.int64]]) -> dict[str, Any]:
    """The attributes of a `TreeEnsemble` with one target per tree, whose value is the reached leaf's row."""
    parts: dict[str, list[NDArray[Any]]] = {}
    nodes = leaves = 0
    roots = []
    for target, (tree, tree_rows) in enumerate(zip(trees, rows, strict=True)):
        for name, part in flatten(tree, tree_rows, target, nodes, leaves).items():
            parts.setdefault(name, []).append(part)
        roots.append(nodes)
        nodes += len(parts["nodes_splits"][-1])
        leaves += len(parts["leaf_weights"][-1])
    arrays = {name: np.concatenate(part) for name, part in parts.items()}
    tensors = {"nodes_splits", "nodes_modes", "leaf_weights"}
    missing = arrays.pop("nodes_missing_value_tracks_true")
    if missing.any():
        arrays["nodes_missing_value_tracks_true"] = missing
    return {
        **{name: numpy_helper.from_array(a) if name in tensors else a.tolist() for name, a in arrays.items()},
        "tree_roots": roots,
        "n_targets": len(trees),
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
    }


def flatten(
    tree: Any, rows: NDArray[np.int64], target: int, first_node: int, first_leaf: int
) -> dict[str, NDArray[Any]]:
    """One tree's share of the attributes: its inner nodes, and one leaf for each distinct value."""
    inner = np.flatnonzero(tree.children_left >= 0)
    if not len(inner):
        return single_leaf(rows[0], target, first_leaf)
    distinct, leaf_of = np.unique(rows, return_inverse=True)
    place = first_leaf + leaf_of
    place[inner] = first_node + np.arange(len(inner))
    left, right = tree.children_left[inner], tree.children_right[inner]
    return {
        "nodes_featureids": tree.feature[inner],
        "nodes_splits": largest_float32_not_above(tree.threshold[inner]),
        "nodes_modes": np.full(len(inner), LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": place[left],
        "nodes_falsenodeids": place[right],
        "nodes_trueleafs": (tree.children_left[left] < 0).astype(np.int64),
        "nodes_falseleafs": (tree.children_left[right] < 0).astype(np.int64),
        "nodes_missing_value_tracks_true": np.asarray(tree.missing_go_to_left)[inner].astype(np.int64),
        "leaf_targetids": np.full(len(distinct), target),
        "leaf_weights": distinct.astype(np.float32),
    }


def single_leaf(row: np.int64, target: int, leaf: int) -> dict[str, NDArray[Any]]:
    """A tree without a split: the operator wants a node, so both its ways lead to the leaf."""
    return {
        "nodes_featureids": np.zeros(1, np.int64),
        "nodes_splits": np.zeros(1, np.float32),
        "nodes_modes": np.full(1, LESS_OR_EQUAL, np.uint8),
        "nodes_truenodeids": np.array([leaf]),
        "nodes_falsenodeids": np.array([leaf]),
        "nodes_trueleafs": np.ones(1, np.int64),
        "nodes_falseleafs": np.ones(1, np.int64),
        "nodes_missing_value_tracks_true": np.zeros(1, np.int64),
        "leaf_targetids": np.array([target]),
        "leaf_weights": np.array([row], np.float32),
    }


def output_types(operator: Any) -> None:
    """Tell skl2onnx the types: label `[N]` and probabilities `[N, C]`, or predictions `[N, T]`, in float64."""
    model = operator.raw_operator
    if not is_classifier(model):
        operator.outputs[0].type = DoubleTensorType([None, model.n_outputs_])
        return
    if model.n_outputs_ != 1:
        raise NotImplementedError("it predicts several outputs of classes at once")
    strings = model.classes_.dtype.kind in "OUS"
    operator.outputs[0].type = StringTensorType([None]) if strings else Int64TensorType([None])
    operator.outputs[1].type = DoubleTensorType([None, len(model.classes_)])


def convert(scope: Any, operator: Any, container: Any) -> None:
    """Add the nodes of one forest or tree (a converter function as skl2onnx calls it)."""
    model = operator.raw_operator
    trees = [tree.tree_ for tree in getattr(model, "estimators_", [model])]
    table, rows = leaf_values(trees)
    if len(table) > MOST_LEAF_VALUES:
        raise NotImplementedError(f"its leaves hold {len(table):,} distinct values, more than {MOST_LEAF_VALUES:,}")

    nodes = Nodes(scope, container)
    x = nodes.add("Cast", [operator.inputs[0].full_name], to=TensorProto.FLOAT)
    row_numbers = nodes.add("TreeEnsemble", [x], op_domain=ML5, op_version=1, **tree_ensemble(trees, rows))
    indices = nodes.add("Cast", [row_numbers], to=TensorProto.INT64)
    values = nodes.add("Gather", [nodes.constant(table), indices], axis=0)  # [N, trees, K]
    sums = nodes.add("CumSum", [values, nodes.constant(np.int64(1))])
    total = nodes.add("Gather", [sums, nodes.constant(np.int64(len(trees) - 1))], axis=1)  # [N, K]
    if not is_classifier(model):
        nodes.add("Div", [total, nodes.constant(float(len(trees)))], operator.outputs[0].full_name)
        return
    probabilities = nodes.add("Div", [total, nodes.constant(float(len(trees)))], operator.outputs[1].full_name)
    best = nodes.add("ArgMax", [probabilities], axis=1, keepdims=0)
    nodes.add("Gather", [nodes.constant(labels(model.classes_)), best], operator.outputs[0].full_name, axis=0)


def labels(classes: NDArray[Any]) -> NDArray[Any]:
    """Class labels as a tensor: strings stay, numbers and booleans become int64."""
    return classes.astype(object) if classes.dtype.kind in "OUS" else classes.astype(np.int64)
