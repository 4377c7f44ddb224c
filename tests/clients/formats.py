"""A table as MLflow's users write it: each function gives a request's body and its content type."""

import csv
import json
from collections.abc import Callable
from typing import Any

import pandas as pd

JSON = "application/json"
CSV = "text/csv"

Request = tuple[str, str]


def envelope(**members: Any) -> Request:
    """JSON with these members; Python writes a missing number as NaN."""
    return json.dumps(members), JSON


def split(rows: pd.DataFrame) -> Request:
    return envelope(dataframe_split=rows.to_dict("split"))


def split_without_an_index(rows: pd.DataFrame) -> Request:
    return envelope(dataframe_split=rows.to_dict("split", index=False))


def split_with_other_columns_in_another_order(rows: pd.DataFrame) -> Request:
    return split(rows.assign(other="x")[["other", *reversed(list(rows))]])


def split_as_pandas_writes_it(rows: pd.DataFrame) -> Request:
    text = rows.to_json(orient="split", double_precision=15)
    return f'{{"dataframe_split": {text}}}', JSON


def records(rows: pd.DataFrame) -> Request:
    return envelope(dataframe_records=rows.to_dict("records"))


def records_with_other_members_in_another_order(rows: pd.DataFrame) -> Request:
    return records(rows.assign(other="x")[["other", *reversed(list(rows))]])


def instances(rows: pd.DataFrame) -> Request:
    return envelope(instances=rows.to_dict("records"))


def inputs(rows: pd.DataFrame) -> Request:
    return envelope(inputs=rows.to_dict("list"))


def inputs_as_records(rows: pd.DataFrame) -> Request:
    return envelope(inputs=rows.to_dict("records"))


def with_parameters(rows: pd.DataFrame) -> Request:
    return envelope(dataframe_split=rows.to_dict("split"), params={"threshold": 0.5}, comment="x")


def with_a_charset(rows: pd.DataFrame) -> Request:
    return split(rows)[0], "application/json; charset=utf-8"


def csv_with_a_header(rows: pd.DataFrame) -> Request:
    return rows.to_csv(index=False), CSV


def csv_with_an_index_column(rows: pd.DataFrame) -> Request:
    return rows.to_csv(), CSV


def csv_in_quotes(rows: pd.DataFrame) -> Request:
    return rows.to_csv(index=False, quoting=csv.QUOTE_ALL), CSV


def csv_of_windows(rows: pd.DataFrame) -> Request:
    return "\ufeff" + rows.to_csv(index=False, lineterminator="\r\n"), "text/csv; charset=utf-8"


def csv_with_empty_lines(rows: pd.DataFrame) -> Request:
    return rows.to_csv(index=False).replace("\n", "\n\n"), CSV


def csv_with_na_for_what_is_missing(rows: pd.DataFrame) -> Request:
    return rows.to_csv(index=False, na_rep="NA"), CSV


TABLES: list[Callable[[pd.DataFrame], Request]] = [
    split,
    split_without_an_index,
    split_with_other_columns_in_another_order,
    split_as_pandas_writes_it,
    records,
    records_with_other_members_in_another_order,
    with_parameters,
    with_a_charset,
    csv_with_a_header,
    csv_with_an_index_column,
    csv_in_quotes,
    csv_of_windows,
    csv_with_empty_lines,
    csv_with_na_for_what_is_missing,
]
ARRAYS: list[Callable[[pd.DataFrame], Request]] = [instances, inputs, inputs_as_records]
