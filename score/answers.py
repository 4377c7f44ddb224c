"""Answers as columns of Arrow."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alpenglow._score.rows import Scoring

TYPES = {  # in Arrow and in SQL
    "tensor(string)": (pa.string(), "STRING"),
    "tensor(int64)": (pa.int64(), "BIGINT"),
    "tensor(double)": (pa.float64(), "DOUBLE"),
    "tensor(bool)": (pa.bool_(), "BOOLEAN"),
}


def table(scoring: Scoring, answers: Mapping[str, NDArray[Any]]) -> Any:
    """Answers to some rows, `[N]` or `[N, K]` each; what is `[N, K]` becomes lists."""
    return pa.table({name: column(TYPES[scoring.types[name]][0], values) for name, values in answers.items()})


def column(kind: Any, values: NDArray[Any]) -> Any:
    """One of them."""
    if values.ndim == 1:
        return pa.array(values, kind)
    ends = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values.reshape(-1), kind))


def declared(scoring: Scoring) -> list[str]:
    """The columns with their types, as SQL declares them."""
    kinds = {name: TYPES[kind][1] for name, kind in scoring.types.items()}
    return [f"{name} {kind if scoring.width(name) is None else f'ARRAY<{kind}>'}" for name, kind in kinds.items()]
