"""Encoders of categories: what the fitted one has in its dictionary, and what it makes of anything else."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import TensorProto

from alpenglow._export.arithmetic.borders import Borders, Edge
from alpenglow._export.converters.libraries.feature_engine.gaps import missing
from alpenglow._export.converters.libraries.feature_engine.tables import places, replaced, row, without
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.spelling import characters, label
from alpenglow._export.graph.text import NoneTensorType, as_text, is_string
from alpenglow._export.pipeline.missing import missing_in
from alpenglow._serve.signature import MISSING


def encode(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The number of each category; of an unknown one NaN, or what the encoder has for those."""
    unseen = float(model._unseen) if model.unseen == "encode" else np.nan
    made: list[Any] = []
    for name, table in model.encoder_dict_.items():
        numbers = np.array([*table.values(), unseen], np.float64)
        numbers = np.where(np.isnan(numbers), unseen, numbers)
        made += nodes.table(look_up(nodes, only(nodes, model, inputs, name), keys(table), numbers), 1)
    return replaced(nodes, inputs, places(model, model.encoder_dict_), made)


def only(nodes: Nodes, model: Any, inputs: Inputs, name: Any) -> Any:
    """The variable `[N, 1]` of a column."""
    return select(nodes, inputs, places(model, [name]))[0]


def keys(values: Iterable[Any]) -> NDArray[Any]:
    """Categories, each as it is."""
    found = list(values)
    array = np.empty(len(found), object)
    array[:] = found
    return array


def one_hot(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Flags for the categories in place of their columns, behind all others."""
    found = list(without(nodes, inputs, places(model, model.variables_)))
    for name in model.variables_:
        known = keys(model.encoder_dict_[name])
        if len(known):
            numbers = np.array([*range(len(known)), -1], np.int64)
            number = look_up(nodes, only(nodes, model, inputs, name), known, numbers)
            flags = nodes.add("Equal", [number, nodes.constant(np.arange(len(known))[np.newaxis])])
            found += nodes.table(nodes.cast(flags, TensorProto.DOUBLE), len(known))
    return found


def rare(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """One value in place of all rare categories."""
    made: list[Any] = []
    for name, known in model.encoder_dict_.items():
        variable = only(nodes, model, inputs, name)
        x = variable.full_name
        if is_string(variable):
            gap = {MISSING: MISSING} if gaps_are_found(nodes, model, name, variable) else {}
            kept = gap | {as_text(value): as_text(value) for value in known}
            named = label(nodes, x, kept, as_text(model.replace_with))
        else:
            flags = np.array([*np.ones(len(known), np.int64), 0])
            frequent = nodes.cast(look_up(nodes, variable, keys(known), flags), TensorProto.BOOL)
            frequent = nodes.add("Or", [frequent, missing(nodes, variable)])
            named = nodes.add("Where", [frequent, x, nodes.constant(row([model.replace_with]))])
        made += nodes.table(named, 1, type(variable.type))
    return replaced(nodes, inputs, places(model, model.encoder_dict_), made)


def gaps_are_found(nodes: Nodes, model: Any, name: Any, variable: Any) -> bool:
    """Whether pandas finds a missing text where it is told to look for NaN: not all that it takes for missing is."""
    given = nodes.examples.get(id(model))
    if isinstance(variable.type, NoneTensorType) or not isinstance(given, pd.DataFrame):
        return not isinstance(variable.type, NoneTensorType)
    column = given.iloc[:, places(model, [name])[0]]
    return bool(pd.Series([missing_in(column)], dtype=column.dtype).isin([np.nan]).iloc[0])


def similar(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """How many characters a text has in common with each category, twice, of all that both have."""
    found = list(without(nodes, inputs, places(model, model.variables_)))
    for name in model.variables_:
        variable, known = only(nodes, model, inputs, name), [str(value) for value in model.encoder_dict_[name]]
        if not is_string(variable):
            raise NotImplementedError("it spells numbers, which no graph can do as Python does")
        if known:
            ratios = in_common(nodes, variable.full_name, known)
            if model.missing_values == "ignore":
                gap = missing(nodes, variable)
                ratios = nodes.add("Where", [gap, nodes.constant(np.float64(np.nan)), ratios])
            found += nodes.table(ratios, len(known))
    return found


def in_common(nodes: Nodes, x: str, known: list[str]) -> str:
    """`SequenceMatcher.quick_ratio` of texts `[N, 1]` and each of `K` others, `[N, K]`; a missing one is empty."""
    counts = [Counter(text) for text in known]
    letters = sorted(set().union(*counts)) or [" "]
    apart = characters(nodes, label_missing(nodes, x))
    length = total(nodes, nodes.add("Not", [nodes.add("Equal", [apart, nodes.constant(np.array("", object))])]), [1])
    deep = nodes.add("Unsqueeze", [apart, nodes.constant([2])])
    each = nodes.add("Equal", [deep, nodes.constant(np.array(letters, object).reshape(1, 1, -1))])
    own = nodes.add("Unsqueeze", [total(nodes, each, [1]), nodes.constant([1])])  # [N, 1, L]
    wanted = np.array([[[count[letter] for letter in letters] for count in counts]], np.float64)
    matches = nodes.add("ReduceSum", [nodes.add("Min", [own, nodes.constant(wanted)]), nodes.constant([2])], keepdims=0)
    lengths = nodes.add("Add", [nodes.column(length), nodes.constant(row(map(len, known)))])
    ratio = nodes.add("Div", [nodes.add("Mul", [matches, nodes.constant(np.float64(2.0))]), lengths])
    empty = nodes.add("Equal", [lengths, nodes.constant(np.float64(0.0))])
    return nodes.add("Where", [empty, nodes.constant(np.float64(1.0)), ratio])


def label_missing(nodes: Nodes, x: str) -> str:
    """Texts `[N, 1]`, a missing one as the empty text."""
    nothing, gap = (nodes.constant(np.array(text, object)) for text in ("", MISSING))
    return nodes.add("Where", [nodes.add("Equal", [x, gap]), nothing, x])


def total(nodes: Nodes, flags: str, axes: list[int]) -> str:
    """How many flags are set along some axes."""
    return nodes.add("ReduceSum", [nodes.cast(flags, TensorProto.DOUBLE), nodes.constant(axes)], keepdims=0)


def categories(model: Any) -> Iterable[Edge]:
    """Those that are numbers."""
    for name, known in model.encoder_dict_.items():
        numbers = [float(value) for value in known if not isinstance(value, str) and not pd.isna(value)]
        yield np.full(len(numbers), places(model, [name])[0]), np.array(numbers, np.float64), False


OF_CATEGORIES = Borders(categories)
