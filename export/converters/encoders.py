"""OneHotEncoder, exact for missing and unknown values.

skl2onnx's own cuts numbers to integers (25.5 becomes the category 25) and takes the text "nan" for a missing value.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.preprocessing import OneHotEncoder

from export.converters.text import as_text, is_string
from export.nodes import Nodes
from export.probe import UNKNOWN
from export.silence import silenced


def encoder_types(operator: Any) -> None:
    """The output is float64, one column for each category that is kept."""
    operator.outputs[0].type = DoubleTensorType([None, sum(operator.raw_operator._n_features_outs)])


def convert_encoder(nodes: Nodes, operator: Any) -> None:
    """One-hot encode each column apart, `[N, 1]` to `[N, 1, categories]`, and join them.

    In float32, the only type that ONNX Runtime's OneHot writes for integers; zeros and ones lose nothing.
    """
    encoder = operator.raw_operator
    sources = [(variable, at) for variable in operator.inputs for at in range(variable.type.shape[1])]
    encoded = []
    for index, (variable, at) in enumerate(sources):
        to = output_columns(encoder, index)
        if not to[2]:
            continue
        x = variable.full_name
        if variable.type.shape[1] > 1:
            x = nodes.add("Gather", [x, nodes.constant(np.array([at]))], axis=1)
        encode = encode_strings if is_string(variable) else encode_numbers
        encoded.append(encode(nodes, x, encoder.categories_[index], to))
    joined = nodes.add("Concat", encoded, axis=2)
    flat = nodes.add("Reshape", [joined, nodes.constant(np.array([-1, sum(encoder._n_features_outs)]))])
    nodes.add("Cast", [flat], operator.outputs[0].full_name, to=TensorProto.DOUBLE)


def output_columns(encoder: Any, index: int) -> tuple[NDArray[np.int64], int, int]:
    """Ask the fitted encoder which output column each category of input column `index` sets.

    This covers `drop`, `min_frequency` and `max_categories` without knowing them.

    Returns:
        For each category its output column, the same for an unknown value, and the number of output columns.
        A value that sets none has that number as its column.
    """
    width = encoder._n_features_outs[index]
    first = sum(encoder._n_features_outs[:index])
    names = getattr(encoder, "feature_names_in_", range(len(encoder.categories_)))

    def column_of(values: NDArray[Any]) -> NDArray[np.int64]:
        known = [np.full(len(values), categories[0]) for categories in encoder.categories_]
        table = pd.DataFrame(dict(zip(names, known, strict=True)))
        table[names[index]] = values
        with silenced():
            encoded = encoder.transform(table)
        dense = encoded.toarray() if encoder.sparse_output else np.asarray(encoded)
        block = dense[:, first : first + width]
        found: NDArray[np.int64] = np.where(block.any(axis=1), block.argmax(axis=1), width).astype(np.int64)
        return found

    categories = encoder.categories_[index]
    if encoder.handle_unknown == "error" or categories.dtype == bool:
        return column_of(categories), width, width
    unknown: Any = UNKNOWN if isinstance(categories[0], str) else np.nanmax(categories.astype(float)) + 1
    return column_of(categories), int(column_of(np.array([unknown], dtype=categories.dtype))[0]), width


def encode_strings(nodes: Nodes, x: str, categories: NDArray[Any], to: tuple[NDArray[np.int64], int, int]) -> str:
    """Look the text up; a column number past the last sets none."""
    column, unknown, width = to
    texts = [as_text(value) for value in categories]
    if len(set(texts)) < len(texts):
        raise NotImplementedError("it tells None from NaN, which a request cannot")
    found = nodes.add(
        "LabelEncoder",
        [x],
        op_domain="ai.onnx.ml",
        keys_strings=texts,
        values_int64s=column.tolist(),
        default_int64=unknown,
    )
    off_on = np.array([0.0, 1.0], np.float32)
    return nodes.add("OneHot", [found, nodes.constant(np.int64(width)), nodes.constant(off_on)], axis=-1)


def encode_numbers(nodes: Nodes, x: str, categories: NDArray[Any], to: tuple[NDArray[np.int64], int, int]) -> str:
    """Compare with each category; NaN, which equals nothing, is compared apart."""
    column, unknown, width = to
    if unknown != width or len(set(column[column < width])) != (column < width).sum():
        raise NotImplementedError("it puts rare or unknown numbers together")
    kept = categories[np.argsort(column, kind="stable")][:width]
    values = np.array([np.nan if pd.isna(value) else float(value) for value in kept])
    same = nodes.add("Equal", [x, nodes.constant(values[np.newaxis])])  # [N, categories]
    if np.isnan(values).any():
        both = nodes.add("And", [nodes.add("IsNaN", [x]), nodes.constant(np.isnan(values)[np.newaxis])])
        same = nodes.add("Or", [same, both])
    return nodes.add("Unsqueeze", [nodes.add("Cast", [same], to=TensorProto.FLOAT), nodes.constant(np.array([1]))])


TRANSFORMERS = {OneHotEncoder: (encoder_types, convert_encoder)}
