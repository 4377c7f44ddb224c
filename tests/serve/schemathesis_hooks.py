"""What Schemathesis cannot learn from the document: `SCHEMATHESIS_HOOKS=tests.serve.schemathesis_hooks st run URL`.

Bodies that are no JSON have no JSON Schema, so they are made here. JSON Schema cannot say either that one part of a
body or of a request follows from another, so the requests that are meant to be answered are made to agree with
themselves; those that are meant to be refused are left as they are.
"""

import csv
import io
import json
import math
import struct
from typing import Any
from urllib.parse import unquote

import numpy as np
import schemathesis
from hypothesis import strategies as st
from schemathesis.openapi.checks import RejectedPositiveData

JSON_LENGTH = "Inference-Header-Content-Length"
BINARY = "application/octet-stream"
JSON_LINES = "application/jsonlines"
DATATYPES = {"boolean": "BOOL", "string": "BYTES", "number": "FP64"}
Column = dict[str, Any]


@schemathesis.hook
def after_load_schema(context: schemathesis.HookContext, schema: Any) -> None:
    """Make CSV, lines of JSON and binary tensors of rows that fit the columns' schemas."""
    for path in ("/predict", "/invocations"):
        content = schema.raw_schema["paths"][path]["post"]["requestBody"]["content"]
        for media_type in ("text/csv", JSON_LINES):
            for example in content[media_type].get("examples", {}).values():
                example["value"] = example["value"].encode()
    components = schema.raw_schema["components"]["schemas"]
    references = components["Row"]["properties"]
    columns = {name: components[reference["$ref"].rpartition("/")[2]] for name, reference in references.items()}
    rows = st.lists(st.tuples(*map(values, columns.values())), min_size=1, max_size=3)
    schemathesis.openapi.media_type("text/csv", rows.map(lambda found: as_csv(columns, found)))
    schemathesis.openapi.media_type(JSON_LINES, rows.map(lambda found: as_lines(columns, found)))
    schemathesis.openapi.media_type(BINARY, rows.map(lambda found: as_bytes(columns, found)))


def types(column: Column) -> list[str]:
    """Those that a column's schema names."""
    if "anyOf" in column:
        return types(column["anyOf"][-1])
    return [column["type"]] if isinstance(column["type"], str) else column["type"]


def values(column: Column) -> st.SearchStrategy[Any]:
    """Those that fit a column's schema."""
    if "anyOf" in column:
        return st.one_of(*map(values, column["anyOf"]))
    if "enum" in column:
        return st.sampled_from(column["enum"])
    kinds = {
        "null": st.none(),
        "boolean": st.booleans(),
        "number": st.floats(column.get("minimum"), column.get("maximum"), allow_nan=False, allow_infinity=False),
        "string": st.text().filter(lambda text: text != column.get("not", {}).get("const")),
    }
    return st.one_of(*(kinds[name] for name in types(column)))


def as_csv(columns: dict[str, Column], rows: list[tuple[Any, ...]]) -> bytes:
    """With a header."""
    text = io.StringIO()
    csv.writer(text).writerows([list(columns), *rows])
    return text.getvalue().encode()


def as_lines(columns: dict[str, Column], rows: list[tuple[Any, ...]]) -> bytes:
    """An object for each row."""
    return "\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in rows).encode()


def as_bytes(columns: dict[str, Column], rows: list[tuple[Any, ...]]) -> bytes:
    """A request of the Open Inference Protocol, its numbers behind the JSON."""
    inputs: list[dict[str, Any]] = []
    content = b""
    for (name, column), cells in zip(columns.items(), zip(*rows, strict=True), strict=True):
        tensor = {"name": name, "shape": [len(rows), 1], "datatype": DATATYPES[types(column)[0]], "data": cells}
        if tensor["datatype"] == "FP64":
            part = struct.pack(f"<{len(cells)}d", *(math.nan if cell is None else cell for cell in tensor.pop("data")))
            tensor["parameters"] = {"binary_data_size": len(part)}
            content += part
        inputs.append(tensor)
    return json.dumps({"inputs": inputs}).encode() + content


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Let a request that is meant to be answered agree with itself."""
    if case.media_type == BINARY and isinstance(case.body, bytes):
        case.headers[JSON_LENGTH] = str(json.JSONDecoder().raw_decode(case.body.decode("latin-1"))[1])
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.media_type == "application/json":
        case.headers.pop(JSON_LENGTH, None)
    if case.operation.path.endswith("/infer") and isinstance(case.body, dict):
        rows = min(map(count_rows, case.body["inputs"]))
        for tensor in case.body["inputs"]:
            agree(tensor, rows)
    elif case.operation.path.endswith(("/invocations", ":predict")) and isinstance(case.body, dict):
        columns = case.body.get("inputs")
        if isinstance(columns, dict):
            names = case.operation.schema.raw_schema["components"]["schemas"]["Columns"]["required"]
            rows = min(len(columns[name]) for name in names)
            columns.update({name: columns[name][:rows] for name in names})


def count_rows(tensor: dict[str, Any]) -> int:
    """How many there are in the data, whatever the shape."""
    return len(flat(tensor["data"])) // width(tensor)


def width(tensor: dict[str, Any]) -> int:
    """How many values a row has."""
    return tensor["shape"][1] if len(tensor["shape"]) == 2 else 1


def agree(tensor: dict[str, Any], rows: int) -> None:
    """The shape is that of the data, and the datatype one that holds them."""
    nested = isinstance(tensor["data"][0], list)
    tensor["data"] = tensor["data"][: rows if nested else rows * width(tensor)]
    tensor["shape"][0] = rows
    if tensor["datatype"] not in DATATYPES.values() and not all(fits(tensor, value) for value in flat(tensor["data"])):
        tensor["datatype"] = "FP64"


def fits(tensor: dict[str, Any], value: float | None) -> bool:
    """Whether a number's datatype holds a value."""
    if value is None:
        return True
    if tensor["datatype"].startswith("FP"):
        return abs(value) <= float(np.finfo(f"float{tensor['datatype'][2:]}").max)
    limits = np.iinfo(tensor["datatype"].lower())
    return isinstance(value, int) and limits.min <= value <= limits.max


def flat(data: list[Any]) -> list[Any]:
    """Values, whether they lie in rows or not."""
    return [value for part in data for value in (part if isinstance(part, list) else [part])]


@schemathesis.hook
def filter_path_parameters(context: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> bool:
    """No line breaks: with one, Falcon takes `/v1/models/{name}:predict` for `/v1/models/{name}` and answers 405."""
    return not any("\n" in unquote(str(value)) for value in (path_parameters or {}).values())


@schemathesis.hook
def filter_failure(context: schemathesis.HookContext, failure: Any, case: schemathesis.Case, response: Any) -> bool:
    """With strict=true, texts are refused that the same body may have without it."""
    strict = case.query.get("strict", False) not in (False, "false")
    return not (strict and isinstance(failure, RejectedPositiveData) and "expected one of" in response.text)
