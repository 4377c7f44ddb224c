"""HashingEncoder, which counts in some columns how many values of a row have each hash.

No graph can compute the hash of any text. So there is a table of the sample's values, the signature closes the columns
to these, and whoever asks the graph for another gets no number.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.converters.libraries.category_encoders.asking import (
    Asked,
    Rows,
    ask,
    columns_of,
    first,
    is_boolean,
    made_of,
)
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.text import is_string
from alpenglow._export.pipeline.describe import MOST_CATEGORIES


def transform_hashed(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The counts, and behind them the columns that it does not hash.

    Each value adds one to some column. So a row's counts are those of another row, and what each value makes more.
    """
    sample = nodes.example_of(model, inputs)
    columns = columns_of(nodes, model, inputs, sample)
    made = made_of(model, first(sample))
    counts = [place for place, name in enumerate(made.columns) if name not in columns or name in model.cols]
    start = made.iloc[0, counts].to_numpy(np.float64)
    total = nodes.constant(start[np.newaxis])
    for name in model.cols:
        one = asked(model, sample, list(columns).index(name), columns[name])
        total = nodes.add("Add", [total, one.columns(nodes, counts, start)[0].full_name])
    rest = [columns[name] for place, name in enumerate(made.columns) if place not in counts]
    return [*nodes.table(total, len(counts)), *rest]


def asked(model: Any, sample: Rows, place: int, variable: Any) -> Asked:
    """What it makes of each of the sample's values in a column; nothing of any other."""
    values = sample.iloc[:, place] if isinstance(sample, pd.DataFrame) else pd.Series(sample[:, place])
    present = values.dropna()
    if not is_string(variable) and not is_boolean(present):
        raise NotImplementedError(f"it hashes numbers, of which there is no table: make text of {values.name!r} before")
    known = present.unique().tolist()
    if len(known) > MOST_CATEGORIES:
        raise NotImplementedError(f"it hashes {len(known):,} texts of {values.name!r}: a table has {MOST_CATEGORIES:,}")
    found = ask(model, first(sample), place, variable, known)
    made = found.made.copy()
    made[-1] = np.nan
    return replace(found, made=made)
