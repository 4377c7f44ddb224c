"""Requests that get an answer, made of the columns' examples."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from alpenglow._serve.formats.datatypes import DATATYPES
from alpenglow._serve.signature import Column
from alpenglow._serve.usage import as_integer


class Examples:
    """One row, in each of the formats."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.names = [column.name for column in columns]
        self.values = [as_integer(column.example) for column in columns]
        self.row = dict(zip(self.names, self.values, strict=True))
        self.split = {"columns": self.names, "data": [self.values]}

    def predict(self) -> dict[str, Any]:
        """For `/predict`."""
        return named(split=self.split, records=[self.row])

    def invocations(self) -> dict[str, Any]:
        """For MLflow's clients."""
        return named(
            dataframe_split={"dataframe_split": self.split},
            dataframe_records={"dataframe_records": [self.row]},
            instances={"instances": [self.values]},
            inputs={"inputs": {name: [value] for name, value in self.row.items()}},
            rows=[self.values],
        )

    def instances(self) -> dict[str, Any]:
        """For TensorFlow Serving's V1."""
        inputs = {name: [value] for name, value in self.row.items()}
        return named(rows={"instances": [self.values]}, records={"instances": [self.row]}, columns={"inputs": inputs})

    def csv(self) -> dict[str, Any]:
        """A header and a row."""
        text = io.StringIO()
        csv.writer(text).writerows([self.names, [cell(value) for value in self.values]])
        return named(header=text.getvalue())

    def lines(self) -> dict[str, Any]:
        """A record in a line."""
        return named(record=msgspec.json.encode(self.row).decode())

    def tensors(self) -> dict[str, Any]:
        """For the Open Inference Protocol."""
        tensors = [
            {"name": column.name, "shape": [1, 1], "datatype": DATATYPES[column.type], "data": [value]}
            for column, value in zip(self.columns, self.values, strict=True)
        ]
        return named(columns={"id": "1", "inputs": tensors})


def named(**values: Any) -> dict[str, Any]:
    """Example objects by name (OpenAPI 3.1, section 4.8.19)."""
    return {name: {"value": value} for name, value in values.items()}


def cell(value: float | str | bool) -> str:
    """A value as pandas writes it to CSV."""
    return value if isinstance(value, str) else repr(value)
