"""category_encoders: whatever the scheme, a table from the values of a column to what they become.

Nothing is read from the tables inside its many classes. The fitted encoder is asked what it makes of each value that it
knows, of a missing one and of one that it does not know, column by column. This tells all that there is to tell, as
without a target their `transform` treats each row and each column for itself: an output column that moves with two of
them is seen, and refused.
"""

from collections.abc import Iterable
from itertools import groupby
from numbers import Real
from typing import Any

import numpy as np

from alpenglow._export.arithmetic.borders import Borders, Edge, by_feature
from alpenglow._export.converters.libraries.category_encoders.asking import Asked, ask, columns_of, first, made_of
from alpenglow._export.converters.libraries.category_encoders.hashing import transform_hashed
from alpenglow._export.converters.refusals import because
from alpenglow._export.graph.nodes import Inputs, Nodes, Transformer
from alpenglow._export.pipeline.encoded import fitted_on, hashes, known_values

LIBRARY = "category_encoders"
PACKAGE = "category_encoders"
TESTED = ("2.6", "2.11")
is_shown = hashes  # which knows nothing but what it is given


def transform(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The output's columns, each looked up by the one that it follows from, or handed on."""
    if getattr(model, "composite_cols", None):
        raise NotImplementedError("it encodes several columns as one, its composite_cols")
    example = nodes.example_of(model, inputs)
    columns = columns_of(nodes, model, inputs, example)
    row, known = first(example), known_values(model)
    asked = {
        name: ask(model, row, place, variable, known[name])
        for place, (name, variable) in enumerate(columns.items())
        if name in known
    }
    sources = [source(place, name, columns, asked) for place, name in enumerate(made_of(model, row).columns)]
    found: list[Any] = []
    for name, run in groupby(range(len(sources)), key=sources.__getitem__):
        places = list(run)
        found += asked[name].columns(nodes, places) if name in asked else [columns[name]] * len(places)
    return found


def source(place: int, name: Any, columns: dict[Any, Any], asked: dict[Any, Asked]) -> Any:
    """The column that one of the output follows from; any that it encodes, if it is always the same."""
    if name in columns and name not in asked:
        return name
    moving = [column for column, one in asked.items() if one.moves(place)]
    if len(moving) > 1:
        raise NotImplementedError(f"its column {name!r} follows from several: {', '.join(map(repr, moving))}")
    return moving[0] if moving else next(iter(asked))


def edges(model: Any) -> Iterable[Edge]:
    """The numbers among the values that it knows."""
    known = known_values(model)
    numbers = [[float(value) for value in known.get(name, []) if isinstance(value, Real)] for name in fitted_on(model)]
    return by_feature(np.array(some, np.float64) for some in numbers)


def kinds(library: Any) -> set[type]:
    """All of its encoders that are there; those that need other packages only where somebody has imported them."""
    waiting = [library.utils.BaseEncoder, library.SummaryEncoder]
    if hasattr(library, "wrapper"):
        waiting += [library.wrapper.NestedCVWrapper, library.wrapper.PolynomialWrapper]
    found: set[type] = set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.add(kind)
    return {kind for kind in found if kind.__module__.startswith("category_encoders.")}


OTHERS = {
    "HashingEncoder": transform_hashed,
    "MultiHotEncoder": because("it takes texts apart, which no table does: give each part a column of its own"),
}


def transformers(library: Any) -> dict[type, Transformer]:
    """The converters."""
    return {kind: OTHERS.get(kind.__name__, transform) for kind in kinds(library)}


def borders(library: Any) -> dict[type, Borders]:
    """Where they decide."""
    return dict.fromkeys(kinds(library), Borders(edges))
