"""Pandas' `to_json(orient="split")`: `{"columns": [...], "data": [[...], ...]}`."""

from typing import Any

import msgspec

from serve.table import Table, check_names, check_widths

EXPECTED = '{"columns": ["...", ...], "data": [[...], ...]}'


class Split(msgspec.Struct):
    """The columns and their rows; `index` and any other member is ignored."""

    columns: list[str | int]  # pandas' frames may have numbers for names
    data: list[list[Any]]


def table(split: Split, at: str = "#") -> Table:
    """The table, from what lies at a pointer.

    Raises:
        InputError: A column is there twice, there is no row, or rows are not as long as the columns.
    """
    names, rows = list(map(str, split.columns)), split.data
    check_names(names, f"{at}/columns")
    check_widths(rows, len(names), f"{at}/data", "columns")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return Table(columns, len(rows), lambda row, name: f"{at}/data/{row}/{names.index(name)}", f"{at}/columns")
