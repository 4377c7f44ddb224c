"""Tables in JSON, as pandas writes and servers take them. Texts stay texts, and numbers every digit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from alpenglow._export.pipeline.tables import TEXT, default_names

ENVELOPES = ("dataframe_split", "dataframe_records", "inputs", "instances")


def read_json(content: bytes) -> pd.DataFrame:
    """A table in one value, or in lines of one row each.

    Raises:
        ValueError: It is none.
    """
    text = content.decode("utf-8-sig")
    try:
        return frame_of_json(json.loads(text))
    except json.JSONDecodeError:
        return frame_of_json([json.loads(line) for line in text.splitlines() if line.strip()])


def frame_of_json(value: Any) -> pd.DataFrame:
    """Records, rows, texts, columns, one record, or what pandas calls split; also inside a request to a server.

    Raises:
        ValueError: It is none of them.
    """
    if isinstance(value, dict) and value:
        inside = next((value[name] for name in ENVELOPES if isinstance(value.get(name), dict | list)), None)
        if inside is not None:
            return frame_of_json(inside)
        if "data" in value and value.keys() <= {"data", "columns", "index"}:
            return frame_of_rows(value["data"], value.get("columns"))
        return frame_of_columns(value, None)
    if isinstance(value, list) and value:
        if all(isinstance(row, dict) for row in value):
            return pd.DataFrame(value)
        return frame_of_rows(value, None)
    raise ValueError("there are no rows in it")


def frame_of_rows(rows: list[Any], names: Sequence[Any] | None) -> pd.DataFrame:
    """Lists of values, or texts; without names they are `x0`, `x1`, ..."""
    if all(isinstance(row, str) for row in rows):
        return pd.DataFrame({TEXT: rows})
    if not all(isinstance(row, list) for row in rows):
        raise ValueError("its rows are no lists")
    frame = pd.DataFrame(rows)
    return frame.set_axis(pd.Index(names or default_names(frame.shape[1])), axis="columns")


def frame_of_columns(columns: Mapping[str, Any], names: Sequence[str] | None) -> pd.DataFrame:
    """Each with its values, in the order of the names; values alone are one row."""
    single = not any(isinstance(values, list | dict) for values in columns.values())
    frame = pd.DataFrame([columns] if single else columns)
    return frame[list(names)] if names and set(names) == set(frame) else frame
