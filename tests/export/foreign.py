"""Graphs as other converters make them."""

from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FLOWERS = ["setosa", "versicolor", "virginica"]
COLUMNS = ["sepal length", "sepal width", "petal length", "petal width"]


def iris() -> tuple[pd.DataFrame, np.ndarray]:
    """150 flowers in four numbers, as float32 holds them; the labels 0, 1, 2."""
    X, y = load_iris(return_X_y=True)
    return pd.DataFrame(X.astype(np.float32), columns=COLUMNS), y


def of_sklearn(estimator: Any, X: pd.DataFrame, **options: Any) -> onnx.ModelProto:
    """What skl2onnx makes by default: one float32 matrix in, ZipMap out."""
    if hasattr(estimator, "predict_proba") and options:
        options = {"options": {id(estimator): options}}
    return to_onnx(estimator, X.to_numpy(np.float32)[:1], target_opset={"": 22, "ai.onnx.ml": 3}, **options)


def of_boosters(classes: list[Any] = FLOWERS) -> onnx.ModelProto:
    """What onnxmltools makes of LightGBM: a TreeEnsembleClassifier, and a ZipMap whose keys are the classes.

    Of three classes by the petal's width: below 0.8, below 1.75 and above; rows with none go the other way.
    """
    text = isinstance(classes[0], str)
    kind, ids = ("classlabels_strings", "classlabels_strings") if text else ("classlabels_int64s", "classlabels_int64s")
    trees = helper.make_node(
        "TreeEnsembleClassifier",
        ["input"],
        ["label_tensor", "probability_tensor"],
        domain="ai.onnx.ml",
        **{kind: classes},
        nodes_treeids=[0] * 5,
        nodes_nodeids=[0, 1, 2, 3, 4],
        nodes_featureids=[3, 0, 3, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values=[0.8, 0.0, 1.75, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 3, 0, 0],
        nodes_falsenodeids=[2, 0, 4, 0, 0],
        nodes_missing_value_tracks_true=[0, 0, 1, 0, 0],
        class_treeids=[0] * 9,
        class_nodeids=[1, 1, 1, 3, 3, 3, 4, 4, 4],
        class_ids=[0, 1, 2] * 3,
        class_weights=[2.0, 0.0, 0.0, 0.0, 2.0, 0.5, 0.0, 0.25, 2.0],
        post_transform="SOFTMAX",
    )
    zipmap = helper.make_node(
        "ZipMap", ["probability_tensor"], ["probabilities"], domain="ai.onnx.ml", **{ids: classes}
    )
    label = helper.make_node("Identity", ["label_tensor"], ["label"])
    key = TensorProto.STRING if text else TensorProto.INT64
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(key, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    )
    return model(
        [trees, zipmap, label],
        [("input", TensorProto.FLOAT, [None, 4])],
        [("label", key, [None])],
        extra=[helper.make_value_info("probabilities", maps)],
        opsets={"": 9, "ai.onnx.ml": 1},
        ir_version=4,
    )


def of_torch(weights: np.ndarray | None = None, opset: int = 17, **changed: Any) -> onnx.ModelProto:
    """What torch.onnx.export makes of a Linear(4, 3): `[batch, 4]` to `[batch, 3]` logits, both float32."""
    weights = np.eye(4, 3, dtype=np.float32) if weights is None else weights.astype(np.float32)
    bias = np.array([0.5, -1, -2][: weights.shape[1]], np.float32)
    linear = [helper.make_node("MatMul", ["input", "W"], ["y"]), helper.make_node("Add", ["y", "b"], ["output"])]
    parts: dict[str, Any] = {
        "nodes": linear,
        "inputs": [("input", TensorProto.FLOAT, ["batch", 4])],
        "outputs": [("output", TensorProto.FLOAT, ["batch", weights.shape[1]])],
        "constants": [numpy_helper.from_array(weights, "W"), numpy_helper.from_array(bias, "b")],
        "opsets": {"": opset},
    }
    return model(**(parts | changed))


def model(
    nodes: list[onnx.NodeProto],
    inputs: list[tuple[str, int, Any]],
    outputs: list[tuple[str, int, Any]],
    constants: tuple[onnx.TensorProto, ...] | list[onnx.TensorProto] = (),
    extra: list[onnx.ValueInfoProto] | None = None,
    opsets: dict[str, int] | None = None,
    ir_version: int = 8,
    functions: list[onnx.FunctionProto] | None = None,
) -> onnx.ModelProto:
    """A model of parts."""
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs] + (extra or []),
        list(constants),
    )
    imports = [helper.make_opsetid(*pair) for pair in (opsets or {"": 17}).items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=ir_version, functions=functions)


def houses() -> tuple[pd.DataFrame, np.ndarray]:
    """A text, a whole number and a float32 each; and whether they are wanted."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "place": random.choice(["north", "south", "east"], 200).astype(object),
            "rooms": random.integers(1, 9, 200),
            "area": random.uniform(20, 200, 200).astype(np.float32),
        }
    )
    return table, np.where(table["rooms"] * 20 + (table["place"] == "south") * 90 > table["area"], "yes", "no")


def of_columns() -> onnx.ModelProto:
    """What skl2onnx makes of a pipeline on a data frame: an input `[N, 1]` for each column, of its type."""
    X, y = houses()
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["place"]), (StandardScaler(), ["rooms", "area"])
    )
    pipeline = make_pipeline(encode, LogisticRegression()).fit(X, y)
    kinds = [("place", StringTensorType), ("rooms", Int64TensorType), ("area", FloatTensorType)]
    return convert_sklearn(pipeline, initial_types=[(name, kind([None, 1])) for name, kind in kinds], target_opset=18)
