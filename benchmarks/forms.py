"""How a table is sent to a server and where the predictions are in its answer: each server has a form of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Form:
    """The path, a body of N rows, and the N predictions of an answer."""

    path: str
    body: Callable[[pd.DataFrame], bytes]
    predictions: Callable[[Any], list[Any]] = lambda answer: list(answer["predictions"])


def split(table: pd.DataFrame) -> bytes:
    """Rows as lists, below the names of the columns."""
    return table.to_json(orient="split", index=False).encode()


def records(table: pd.DataFrame) -> bytes:
    """Rows as objects."""
    return b'{"rows":%s}' % table.to_json(orient="records").encode()


def dataframe_split(table: pd.DataFrame) -> bytes:
    """MLflow's envelope of the split form."""
    return b'{"dataframe_split":%s}' % split(table)


def open_inference(table: pd.DataFrame) -> bytes:
    """The Open Inference Protocol's columns, for a server that makes a data frame of them."""
    return json.dumps(
        {"parameters": {"content_type": "pd"}, "inputs": [tensor(table[name]) for name in table]}
    ).encode()


def tensor(column: "pd.Series[Any]") -> dict[str, Any]:
    """N values as a tensor `[N, 1]`."""
    described = {"name": column.name, "shape": [len(column), 1], "data": column.tolist()}
    if pd.api.types.is_numeric_dtype(column):
        return {**described, "datatype": "FP64"}
    return {**described, "datatype": "BYTES", "parameters": {"content_type": "str"}}


SPLIT = Form("/predict", split)
RECORDS = Form("/predict", records)
MLFLOW = Form("/invocations", dataframe_split)
OPEN_INFERENCE = Form("/v2/models/model/infer", open_inference, lambda answer: list(answer["outputs"][0]["data"]))
