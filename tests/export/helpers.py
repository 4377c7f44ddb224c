"""Convert in memory, and compare."""

import re
from typing import Any

import msgspec
import numpy as np
import onnx
import pandas as pd

from alpenglow._export.convert import convert
from alpenglow._export.gate.graph import Graph
from alpenglow._export.pipeline.describe import column_type
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.times import kept
from alpenglow._serve.signature import Column


def exported(pipeline: Any, sample: pd.DataFrame) -> tuple[onnx.ModelProto, Graph]:
    """The model and a session that runs it; nobody asks what the columns take, which needs many predictions."""
    columns = [column(str(name), sample[name]) for name in sample]
    model = convert(Fitted(pipeline), columns, sample)
    check_trees(model)
    return model, Graph(model, columns)


def column(name: str, values: "pd.Series[Any]") -> Column:
    """The signature's, which takes missing values."""
    how = kept(name, values)
    if how:
        return msgspec.structs.replace(how.column(name), nullable=True)
    return Column(name, column_type(name, values), True, 0.0)


def check_trees(model: onnx.ModelProto) -> None:
    """No two nodes of an ensemble lead to the same one: newer versions of ONNX Runtime refuse that."""
    for node in model.graph.node:
        if node.op_type == "TreeEnsemble":
            parts = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
            entered = [*parts["tree_roots"]]
            for way in ("true", "false"):
                ends = zip(parts[f"nodes_{way}nodeids"], parts[f"nodes_{way}leafs"], strict=True)
                entered += [place for place, is_leaf in ends if not is_leaf]
            assert len(set(entered)) == len(entered)


def check_same(pipeline: Any, sample: pd.DataFrame, rows: pd.DataFrame | None = None, tolerance: float = 0.0) -> None:
    """The graph answers the rows as scikit-learn does, types and shapes included."""
    rows = sample if rows is None else rows
    _, graph = exported(pipeline, sample)
    answers = graph.predict(rows)
    for name, expected in Fitted(pipeline).answers(rows).items():
        given = answers[name]
        assert expected.shape == given.shape
        if tolerance and expected.dtype.kind == "f":
            np.testing.assert_allclose(given, expected, rtol=tolerance, atol=tolerance)
        else:
            np.testing.assert_array_equal(given, expected)


def spelled(value: object) -> str:
    """A name for a test's case: the same in every process, as the addresses of functions are not."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))
