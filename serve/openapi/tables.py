"""The ways in which clients write rows, as JSON Schema: one for each module of `serve.formats` but the tensors."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from alpenglow._serve.openapi.columns import Schema, reference, references, value
from alpenglow._serve.signature import Column

# MLflow's, and what may be in each.
ENVELOPES = {
    "dataframe_split": ("Split",),
    "dataframe_records": ("Records",),
    "instances": ("Rows", "Records"),
    "inputs": ("Columns", "Rows", "Records"),
}
V1_ENVELOPES = {name: ENVELOPES[name] for name in ("instances", "inputs")}


def schemas(columns: Sequence[Column], max_rows: int) -> dict[str, Schema]:
    """The components that requests to /predict, /invocations and V1 are made of."""
    refs = references(columns)
    names = [column.name for column in columns]
    return {
        **{refs[column.name]["$ref"].rpartition("/")[2]: value(column) for column in columns},
        "Row": {
            "description": "One value for each column, by name. Members that are no columns are ignored.",
            "type": "object",
            "properties": refs,
            "required": names,
        },
        "Values": {
            "description": "One row without names: the values in the order of the model's columns.",
            "type": "array",
            "prefixItems": list(refs.values()),
            "minItems": len(columns),
            "maxItems": len(columns),
        },
        "Records": rows_of("Row", max_rows, 'Rows with names, as pandas writes with `to_json(orient="records")`.'),
        "Rows": rows_of("Values", max_rows, "Rows without names."),
        "Split": split(names),
        "Columns": by_column(refs, max_rows),
        "PredictRequest": one_of("Split", "Records"),
        "InvocationsRequest": {"anyOf": [*map(envelope, ENVELOPES, repeat(ENVELOPES)), one_of("Rows", "Records")]},
        "InstancesRequest": {"anyOf": list(map(envelope, V1_ENVELOPES, repeat(V1_ENVELOPES)))},
    }


def envelope(name: str, names: Mapping[str, Sequence[str]]) -> Schema:
    """An object with the rows under one of these names, and with no other of them."""
    others = [{"required": [other]} for other in names if other != name]
    return {
        "title": name,
        "type": "object",
        "properties": {name: one_of(*names[name])},
        "required": [name],
        "not": {"anyOf": others},
    }


def one_of(*kinds: str) -> Schema:
    """One of some components."""
    return reference(kinds[0]) if len(kinds) == 1 else {"anyOf": [reference(kind) for kind in kinds]}


def rows_of(kind: str, max_rows: int, description: str) -> Schema:
    """Rows of a kind: at least one."""
    return {
        "description": description,
        "type": "array",
        "items": reference(kind),
        "minItems": 1,
        "maxItems": max_rows,
    }


def split(names: Sequence[str]) -> Schema:
    """JSON Schema can tie the values to their columns in one order only; the service takes all."""
    return {
        "description": 'What pandas writes with `to_json(orient="split")`. The columns may be in another order, and '
        "there may be more of them, if the values in each row of data are as well. Other members, as index, are "
        "ignored.",
        "type": "object",
        "properties": {"columns": {"const": list(names)}, "data": reference("Rows")},
        "required": ["columns", "data"],
    }


def by_column(refs: dict[str, Schema], max_rows: int) -> Schema:
    """Lists by name."""
    lists: dict[str, Any] = {
        name: {"type": "array", "items": ref, "minItems": 1, "maxItems": max_rows} for name, ref in refs.items()
    }
    return {
        "description": "A list of values for each column, all of the same length. Other members are ignored.",
        "type": "object",
        "properties": lists,
        "required": list(refs),
    }
