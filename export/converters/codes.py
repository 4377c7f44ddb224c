"""Categories as their numbers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto

from export.converters.text import as_text, is_string
from export.nodes import Nodes


def codes(nodes: Nodes, column: Any, categories: NDArray[Any]) -> str:
    """The places `[N, 1]` in `categories` of a column `[N, 1]`, as float64; -1 for what is missing or unknown."""
    known = [(place, value) for place, value in enumerate(categories) if not pd.isna(value)]
    if is_string(column):
        found = nodes.add(
            "LabelEncoder",
            [column.full_name],
            op_domain="ai.onnx.ml",
            keys_strings=[as_text(value) for _, value in known],
            values_int64s=[place for place, _ in known],
            default_int64=-1,
        )
        return nodes.cast(found, TensorProto.DOUBLE)
    values = np.array([[float(value) for _, value in known]])
    same = nodes.cast(nodes.add("Equal", [nodes.matrix([column]), nodes.constant(values)]), TensorProto.DOUBLE)
    places = np.array([[place + 1.0] for place, _ in known])
    return nodes.add("Sub", [nodes.add("MatMul", [same, nodes.constant(places)]), nodes.constant(1.0)])
