"""What hands a table's columns on: to a transformer for each, to one for some of them, or to nothing."""

from itertools import groupby
from typing import Any

import pandas as pd

from alpenglow._export.graph.columns import merged, select, width
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.pipeline.steps import handed_on as inner

ALIKE = ("PassThrough", "ToFloat")  # that treat all columns in one way


def same(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The columns as they are."""
    return inputs


def nothing(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """None of the columns."""
    return []


def handed_on(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What the step inside makes of all columns."""
    return nodes.features(inner(model), inputs)


def each(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What each column's own transformer makes of it, in the order of the columns."""
    parts = [model.transformers_.get(name) for name in model.all_inputs_]
    found: list[Any] = []
    for _, run in groupby(range(len(parts)), key=lambda place: way(parts[place], model.keep_original)):
        places = list(run)
        given = select(nodes, inputs, places)
        made = nodes.features(parts[places[0]], merged(nodes, given) if len(places) > 1 else given)
        found += [*given, *made] if model.keep_original and parts[places[0]] is not None else made
    return found


def way(part: Any, keep_original: bool) -> Any:
    """What is the same for columns that can be treated at once."""
    if part is None or (type(part).__name__ in ALIKE and not keep_original):
        return type(part), getattr(part, "_needs_str_replace", False)
    return id(part)


def together(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What a transformer makes of some columns, behind all others."""
    places = [model.all_inputs_.index(name) for name in model._columns]
    rest = [place for place in range(width(inputs)) if model.keep_original or place not in places]
    found = list(select(nodes, inputs, rest))
    return (
        found
        if model.transformer_ is None
        else [*found, *nodes.features(model.transformer_, select(nodes, inputs, places))]
    )


def kept(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The selected columns, in the order of the selection."""
    given = nodes.examples.get(id(model))
    if not isinstance(given, pd.DataFrame):
        raise NotImplementedError("it is not known which columns it selects from")
    names = model.columns_ if hasattr(model, "columns_") else model.kept_cols_
    return select(nodes, inputs, [list(given.columns).index(name) for name in names])
