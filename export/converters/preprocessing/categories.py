"""Categories in the graph: look a value up, and ask a fitted encoder what it makes of each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnx import numpy_helper

from alpenglow._export.graph.nodes import ML5, Inputs, Nodes, strings
from alpenglow._export.graph.text import as_text, is_string
from alpenglow._export.pipeline.probe import UNKNOWN
from alpenglow._export.silence import silenced

# Float64, which is what the graph gets, counts exactly up to here.
MOST_INTEGER = 2**53


def look_up(nodes: Nodes, variable: Any, categories: NDArray[Any], values: NDArray[Any]) -> str:
    """The value `[N, 1]` for each category; the last value is for what is none of them.

    NaN is a category like others, 0.0 and -0.0 are the same.

    Args:
        nodes: The graph.
        variable: `[N, 1]`, text or numbers.
        categories: The `V` known values.
        values: float64 or int64, `V + 1` of them.
    """
    keys = texts(categories) if is_string(variable) else numbers(categories)
    return nodes.add(
        "LabelEncoder",
        [variable.full_name],
        op_domain=ML5,
        op_version=1,
        keys_tensor=keys,
        values_tensor=numpy_helper.from_array(values[:-1]),
        default_tensor=numpy_helper.from_array(values[-1:]),
    )


def look_up_rows(nodes: Nodes, variable: Any, categories: NDArray[Any], table: NDArray[np.float64]) -> Inputs:
    """The same of several values each: those of a row of a table `[V + 1, K]`."""
    if table.shape[1] == 1:
        return nodes.table(look_up(nodes, variable, categories, table[:, 0]), 1)
    row = nodes.flat(look_up(nodes, variable, categories, np.arange(len(table))))
    return nodes.table(nodes.add("Gather", [nodes.constant(table), row], axis=0), table.shape[1])


def texts(categories: NDArray[Any]) -> Any:
    """Categories of a text column as a tensor."""
    found = [as_text(value) for value in categories]
    if len(set(found)) < len(found):
        raise NotImplementedError("it tells None from NaN, which a request cannot")
    return strings(found)


def numbers(categories: NDArray[Any]) -> Any:
    """Categories of a column of numbers or booleans as a tensor."""
    for value in categories:
        if isinstance(value, str):
            raise NotImplementedError(f"it was fitted on the text {value!r} where there are numbers now")
        if isinstance(value, (int, np.integer)) and abs(int(value)) > MOST_INTEGER:
            raise NotImplementedError(f"it tells integers apart that float64 cannot, such as {value}")
    found = np.array([np.nan if pd.isna(value) else float(value) for value in categories], np.float64)
    if np.isnan(found).sum() > 1:
        raise NotImplementedError("it tells None from NaN, which a request cannot")
    return numpy_helper.from_array(found)


def asked(encoder: Any, widths: Sequence[int], *, unknown: bool = True) -> list[NDArray[np.float64]]:
    """What the fitted encoder makes of each category of each input column, and of one that it does not know.

    This covers its options, such as `drop` and `min_frequency`, without knowing them.

    Args:
        encoder: Has `categories_`.
        widths: How many output columns each input column becomes.
        unknown: Whether it takes unknown values; if not, the last row is of NaN.

    Returns:
        For each input column what it becomes, `[V + 1, K]`.
    """
    values = [with_unknown(known) if unknown else known for known in encoder.categories_]
    rows = np.arange(max(map(len, values)))
    names = getattr(encoder, "feature_names_in_", range(len(values)))
    table = pd.DataFrame(
        {name: series(column[np.minimum(rows, len(column) - 1)]) for name, column in zip(names, values, strict=True)}
    )
    with silenced():
        made = encoder.transform(table if hasattr(encoder, "feature_names_in_") else table.to_numpy())
    made = made.to_numpy() if hasattr(made, "iloc") else made  # a frame, where set_output asks for one
    starts = np.cumsum([0, *widths])
    found = []
    for column, first, width in zip(values, starts, widths, strict=False):
        block = made[: len(column)][:, first : first + width]
        dense = np.asarray(block.toarray() if hasattr(block, "toarray") else block, np.float64)
        found.append(dense if unknown else np.vstack([dense, np.full(width, np.nan)]))
    return found


def series(values: NDArray[Any]) -> "pd.Series[Any]":
    """A column in which pandas leaves None and NaN what they are."""
    return pd.Series(values, dtype=object if values.dtype.kind in "OUST" else None)


def with_unknown(categories: NDArray[Any]) -> NDArray[Any]:
    """The categories and a value that is none of them."""
    if categories.dtype == bool:
        return np.array([*categories, np.nan], dtype=object)  # nothing else is unknown to a boolean column
    if categories.dtype.kind in "iuf":
        return np.append(categories.astype(np.float64), other_number(categories))
    text = any(isinstance(value, str) for value in categories)
    return np.array([*categories, UNKNOWN if text else other_number(categories)], dtype=object)


def other_number(categories: NDArray[Any]) -> float:
    """A number that is no category."""
    known = {float(value) for value in categories if not pd.isna(value)}
    return next(half + 0.5 for half in range(len(known) + 1) if half + 0.5 not in known)
