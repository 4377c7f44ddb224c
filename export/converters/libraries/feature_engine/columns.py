"""Columns kept, columns of known types and categories, and a transformer of scikit-learn's for some of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.converters.libraries.feature_engine.encoders import keys, only
from alpenglow._export.converters.libraries.feature_engine.tables import places, replaced, without
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.spelling import label
from alpenglow._export.graph.text import as_text, is_string
from alpenglow._serve.signature import MISSING

ADDING = ("OneHotEncoder", "PolynomialFeatures")  # what these make stands behind all other columns


def keep(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The columns that are not dropped."""
    return without(nodes, inputs, places(model, model.features_to_drop_))


def wrapped(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What a transformer of scikit-learn's makes of some columns."""
    if hasattr(model, "features_to_drop_"):
        return keep(nodes, model, inputs)
    positions = places(model, model.variables_)
    made = nodes.features(model.transformer_, select(nodes, inputs, positions))
    if type(model.transformer_).__name__ in ADDING:
        return [*without(nodes, inputs, positions), *made]
    return replaced(nodes, inputs, positions, made)


def match_categories(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What is no known category is missing."""
    made: list[Any] = []
    for name, levels in model.category_dict_.items():
        made += known(nodes, only(nodes, model, inputs, name), levels)
    return replaced(nodes, inputs, places(model, model.category_dict_), made)


def known(nodes: Nodes, variable: Any, levels: Any) -> Inputs:
    """A column `[N, 1]`, missing where its value is none of some."""
    if is_string(variable):
        texts = {as_text(value): as_text(value) for value in levels}
        return nodes.table(label(nodes, variable.full_name, texts, MISSING), 1, type(variable.type))
    numbers = np.array([*levels, np.nan], np.float64)
    return nodes.table(look_up(nodes, variable, keys(levels), numbers), 1)


def match(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """All columns, in the types that they had if wanted."""
    if not model.match_dtypes:
        return inputs
    made: list[Any] = []
    for name, dtype in model.dtype_dict_.items():
        made += typed(nodes, only(nodes, model, inputs, name), dtype)
    return replaced(nodes, inputs, places(model, model.dtype_dict_), made)


def typed(nodes: Nodes, variable: Any, dtype: Any) -> Inputs:
    """A column `[N, 1]` cast to a type of pandas'."""
    if isinstance(dtype, pd.CategoricalDtype):
        return known(nodes, variable, dtype.categories)
    casts = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT, "bool": TensorProto.BOOL}
    if is_string(variable) or dtype == np.float64:
        if is_string(variable) and pd.api.types.is_numeric_dtype(dtype):
            raise NotImplementedError("it reads numbers from text: let requests have numbers there")
        return [variable]
    if str(dtype) not in casts:
        raise NotImplementedError(f"it makes a column of {dtype}: fit it on float64, int64, bool, text or categories")
    return nodes.table(nodes.cast(nodes.cast(variable.full_name, casts[str(dtype)]), TensorProto.DOUBLE), 1)


def wholes(model: Any) -> Iterable[Edge]:
    """Zero and one, beside which fractions are cut to whole numbers or booleans."""
    for place, dtype in enumerate(getattr(model, "dtype_dict_", {}).values()):
        if str(dtype) in ("int64", "bool"):
            yield np.full(2, place), np.array([0.0, 1.0]), False


OF_TYPES = Borders(wholes)
