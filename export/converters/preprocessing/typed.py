"""Columns of pandas' categories: in the graph they stay texts and numbers, which boosters number themselves."""

from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._export.pipeline.boosters import given_categories
from alpenglow._export.pipeline.categories import Categories


def hand_on(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The columns themselves."""
    return inputs


def given_to(nodes: Nodes, model: Any, inputs: Inputs) -> dict[int, list[Any]]:
    """The categories of the columns of pandas' type among what a step is handed, by their places."""
    table = nodes.examples.get(id(model))
    if isinstance(table, pd.DataFrame):
        given = given_categories(table)
        return {place: given[name] for place, name in enumerate(map(str, table.columns)) if name in given}
    if any(map(is_string, inputs)):
        raise NotImplementedError("it gets text that pandas has no categories for: put an OrdinalEncoder in front")
    return {}


def numbered(nodes: Nodes, inputs: Inputs, known: dict[int, list[Any]], unknown: float) -> str:
    """The inputs as one matrix, with the places of its categories in each of some columns, NaN for a gap.

    Args:
        nodes: The graph.
        inputs: What goes in.
        known: The categories in order, by the column's place.
        unknown: What stands for any other.
    """
    if not known:
        return nodes.matrix(inputs)
    columns = nodes.single_columns(inputs)
    return nodes.add(
        "Concat",
        [
            look_up(nodes, column, with_gap(known[place]), codes(known[place], unknown))
            if place in known
            else nodes.matrix([column])
            for place, column in enumerate(columns)
        ],
        axis=1,
    )


def with_gap(categories: list[Any]) -> Any:
    """The categories, and a gap behind them."""
    found = np.empty(len(categories) + 1, object)
    found[:] = [*categories, np.nan]
    return found


def codes(categories: list[Any], unknown: float) -> Any:
    """Their places, NaN for the gap, and what stands for any other."""
    return np.array([*range(len(categories)), np.nan, unknown], np.float64)


TRANSFORMERS = {Categories: hand_on}
BORDERS = {Categories: NOWHERE}
