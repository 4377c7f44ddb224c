"""The tensors of the Open Inference Protocol as JSON Schema."""

from collections.abc import Sequence

from alpenglow._serve.formats.datatypes import DATATYPES, NUMBERS, TIMES, output_datatype
from alpenglow._serve.openapi.answers import NUMBER, single_label
from alpenglow._serve.openapi.columns import Schema, reference, references
from alpenglow._serve.signature import Column, Signature

ROWS = {"type": "integer", "minimum": 1}
NUMERIC = list(reversed(NUMBERS))  # the widest first


def schemas(signature: Signature, outputs: Sequence[str]) -> dict[str, Schema]:
    """The components that requests and answers of V2 are made of."""
    names = [column.name for column in signature.columns]
    return {
        "InferRequest": {
            "type": "object",
            "properties": {
                "id": {"type": ["string", "null"], "description": "Comes back with the answer."},
                "parameters": options("binary_data_output", "Whether to send all outputs as bytes."),
                "inputs": inputs(signature.columns),
                "outputs": {
                    "description": "The outputs to send; all of them if this is not given or empty.",
                    "type": ["array", "null"],
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": {"enum": list(outputs)},
                            "parameters": options("binary_data", "Whether to send it as bytes."),
                        },
                        "required": ["name"],
                    },
                },
            },
            "required": ["inputs"],
        },
        "InferAnswer": {
            "type": "object",
            "properties": {
                "model_name": {"const": signature.name},
                "model_version": {"const": signature.version},
                "id": {"type": "string"},
                "outputs": {"type": "array", "items": {"anyOf": [answered(name, signature) for name in outputs]}},
            },
            "required": ["model_name", "model_version", "outputs"],
        },
        "ModelMetadata": {
            "type": "object",
            "properties": {
                "name": {"const": signature.name},
                "versions": {"const": [signature.version]},
                "platform": {"type": "string"},
                "inputs": {"type": "array", "items": metadata(names)},
                "outputs": {"type": "array", "items": metadata(outputs)},
            },
            "required": ["name", "versions", "platform", "inputs", "outputs"],
        },
    }


def options(name: str, description: str) -> Schema:
    """Parameters with one that is known."""
    return {"type": ["object", "null"], "properties": {name: {"type": "boolean", "description": description}}}


def inputs(columns: Sequence[Column]) -> Schema:
    """A tensor for each column; where all of them are numbers, one matrix will do."""
    refs = references(columns)
    each = {
        "title": "a tensor for each column",
        "description": "In any order, and all with as many rows; tensors that are no columns are ignored.",
        "type": "array",
        "prefixItems": [column_tensor(column, refs[column.name]) for column in columns],
        "minItems": len(columns),
        "maxItems": len(columns),
    }
    if len(columns) == 1 or any(column.type != "number" for column in columns):
        return each
    one = {
        "title": "one tensor",
        "type": "array",
        "prefixItems": [matrix(columns)],
        "minItems": 1,
        "maxItems": 1,
    }
    return {"anyOf": [each, one]}


def column_tensor(column: Column, ref: Schema) -> Schema:
    """A tensor `[N]` or `[N, 1]`."""
    shape = {"type": "array", "prefixItems": [ROWS, {"const": 1}], "minItems": 1, "maxItems": 2}
    names = NUMERIC if column.type == "number" else [*sorted(TIMES)] if column.time else [DATATYPES[column.type]]
    return tensor(
        {"const": column.name},
        {"description": "[N] or [N, 1], for N rows.", **shape},
        {"enum": names},
        {"anyOf": [flat(ref), flat({"type": "array", "prefixItems": [ref], "minItems": 1, "maxItems": 1})]},
    )


def matrix(columns: Sequence[Column]) -> Schema:
    """A tensor `[N, columns]`, of any name."""
    width = len(columns)
    shape = {"type": "array", "prefixItems": [ROWS, {"const": width}], "minItems": 2, "maxItems": 2}
    return tensor(
        {"type": "string"},
        {"description": f"[N, {width}], for N rows; the columns are in the model's order.", **shape},
        {"enum": NUMERIC},
        {"anyOf": [{**flat(common(columns)), "minItems": width}, flat(reference("Values"))]},
    )


def common(columns: Sequence[Column]) -> Schema:
    """The numbers that all columns take: JSON Schema cannot tell them apart where they lie in one list."""
    lowest = [column.lowest for column in columns if column.lowest is not None]
    highest = [column.highest for column in columns if column.highest is not None]
    return {
        "type": ["number", "null"] if all(column.nullable for column in columns) else "number",
        **({"minimum": max(lowest)} if lowest else {}),
        **({"maximum": min(highest)} if highest else {}),
    }


def flat(items: Schema) -> Schema:
    """Values, or rows of them."""
    return {"type": "array", "items": items, "minItems": 1}


def tensor(name: Schema, shape: Schema, datatype: Schema, data: Schema) -> Schema:
    """A tensor with its data in JSON."""
    return {
        "type": "object",
        "properties": {
            "name": name,
            "shape": shape,
            "datatype": datatype,
            "data": data,
            "parameters": {"type": ["object", "null"]},
        },
        "required": ["name", "shape", "datatype", "data"],
    }


def answered(name: str, signature: Signature) -> Schema:
    """An output of the answer: its values, or how many bytes behind the JSON it has."""
    items = single_label(signature) if name == "label" else NUMBER
    own = output_datatype(name, signature)
    return {
        "type": "object",
        "properties": {
            "name": {"const": name},
            "shape": {"type": "array", "items": {"type": "integer"}},
            "datatype": {"const": own},
            "data": {"type": "array", "items": items},
            "parameters": {"type": "object", "properties": {"binary_data_size": {"type": "integer"}}},
        },
        "required": ["name", "shape", "datatype"],
    }


def metadata(names: Sequence[str]) -> Schema:
    """What a tensor is like; -1 is any number of rows."""
    return {
        "type": "object",
        "properties": {
            "name": {"enum": list(names)},
            "datatype": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["name", "datatype", "shape"],
    }
