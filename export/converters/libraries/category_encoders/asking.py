"""Ask a fitted encoder what it makes of the values of a column, one after the other."""

from dataclasses import dataclass
from inspect import signature
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.converters.preprocessing.categories import look_up_rows, other_number
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import NoneTensorType, is_string
from alpenglow._export.pipeline.encoded import fitted_on
from alpenglow._export.pipeline.missing import missing_in
from alpenglow._export.pipeline.probe import UNKNOWN
from alpenglow._export.silence import silenced

Rows = pd.DataFrame | NDArray[Any]  # as the encoder gets them


@dataclass(frozen=True)
class Asked:
    """What an encoder makes of a row in which one column has one value after the other.

    Attributes:
        variable: The column in the graph.
        values: Those that the encoder knows, and a missing one.
        made: What it makes of these, and of one that it does not know: `[V + 1, K]`; NaN where it refuses them.
        taken: Which of these it does not refuse.
    """

    variable: Any
    values: NDArray[Any]
    made: NDArray[Any]
    taken: NDArray[np.bool_]

    def moves(self, place: int) -> bool:
        """Whether a column of the output depends on the value."""
        return len(np.unique(self.made[self.taken, place].astype(np.float64))) > 1

    def columns(self, nodes: Nodes, places: list[int], less: Any = 0.0) -> Inputs:
        """Columns of the output, less a row `[K]`."""
        return look_up_rows(nodes, self.variable, self.values, self.made[:, places].astype(np.float64) - less)


def columns_of(nodes: Nodes, model: Any, inputs: Inputs, example: Rows) -> dict[Any, Any]:
    """The columns in the graph, by the names that the encoder has for them."""
    names = example.columns if isinstance(example, pd.DataFrame) else fitted_on(model)
    return dict(zip(names, nodes.single_columns(inputs), strict=True))


def first(rows: Rows) -> Rows:
    """The first of some rows."""
    return rows.iloc[:1] if isinstance(rows, pd.DataFrame) else rows[:1]


def ask(encoder: Any, row: Rows, place: int, variable: Any, known: list[Any]) -> Asked:
    """Ask for all values at once; if it refuses that, for those apart that it may refuse."""
    column = row.iloc[:, place] if isinstance(row, pd.DataFrame) else pd.Series(row[:, place])
    missing = None if isinstance(variable.type, NoneTensorType) else missing_in(column)
    kinds = [*possible(variable, column, known), [missing]]
    values = np.array([*chain.from_iterable(kinds)], object)
    other = UNKNOWN if is_string(variable) else other_number(values)
    kinds.append([missing if is_boolean(column) else other])  # nothing else is unknown to a boolean column
    made = answered(encoder, row, place, [*chain.from_iterable(kinds)])
    if made is not None:
        return Asked(variable, values, made, np.ones(len(made), bool))
    apart = [(kind, answered(encoder, row, place, kind)) for kind in kinds if kind]
    width = next(found.shape[1] for _, found in apart if found is not None)
    refused = [np.full((len(kind), width), np.nan, object) if found is None else found for kind, found in apart]
    taken = [np.full(len(kind), found is not None) for kind, found in apart]
    return Asked(variable, values, np.concatenate(refused), np.concatenate(taken))


def possible(variable: Any, column: "pd.Series[Any]", known: list[Any]) -> list[list[Any]]:
    """Those of the known values that a column can have, in groups that are taken or refused together."""
    if is_string(variable):
        return [[value for value in known if isinstance(value, str)]]
    return [[False], [True]] if is_boolean(column) else [[value for value in known if isinstance(value, Real)]]


def is_boolean(column: "pd.Series[Any]") -> bool:
    """Whether what it holds is."""
    return all(isinstance(value, bool | np.bool_) for value in column)


def answered(encoder: Any, row: Rows, place: int, values: list[Any]) -> NDArray[Any] | None:
    """What it makes of a row with one value after the other in a column, `[V, K]`; None if it raises."""
    try:
        return made_of(encoder, with_values(row, place, values)).to_numpy(object)
    except Exception:  # whatever it raises, it does not take these values
        return None


def made_of(encoder: Any, rows: Rows) -> pd.DataFrame:
    """What it makes of rows, with the names of the columns."""
    named = {"override_return_df": True} if "override_return_df" in signature(encoder.transform).parameters else {}
    with silenced():
        made = encoder.transform(rows, **named)
    return made if isinstance(made, pd.DataFrame) else made.to_pandas()


def with_values(row: Rows, place: int, values: list[Any]) -> Rows:
    """A row over and over, with other values in a column."""
    if isinstance(row, pd.DataFrame):
        table = row.iloc[np.zeros(len(values), int)].reset_index(drop=True)
        table[table.columns[place]] = like(table.dtypes.iloc[place], values)
        return table
    array = np.repeat(row, len(values), axis=0)
    array[:, place] = values
    return array


def like(dtype: Any, values: list[Any]) -> "pd.Series[Any]":
    """Values as a column of a type, or of one that can hold them, as a request's column of numbers is float64."""
    column: pd.Series[Any] = pd.Series(values, dtype=object)
    if isinstance(dtype, pd.CategoricalDtype):
        new = [value for value in dict.fromkeys(values) if not pd.isna(value) and value not in dtype.categories]
        dtype = pd.CategoricalDtype([*dtype.categories, *new], dtype.ordered)
    elif isinstance(dtype, np.dtype) and dtype.kind in "iu":
        dtype = np.dtype(np.float64)
    try:
        return column if isinstance(dtype, np.dtype) and dtype.kind == "b" else column.astype(dtype)
    except (TypeError, ValueError):
        return column
