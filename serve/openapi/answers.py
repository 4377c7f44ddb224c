"""What the service answers, and what it says when it refuses, as JSON Schema."""

from collections.abc import Sequence
from typing import Any

import msgspec

from alpenglow._serve.openapi.columns import Schema, reference
from alpenglow._serve.problems import Problem
from alpenglow._serve.signature import Signature, shares_among, whose
from alpenglow._serve.verification import Verification

NUMBER = {"type": ["number", "null"], "description": "null: beyond what a float64 holds."}


def schemas(signature: Signature, outputs: Sequence[str]) -> dict[str, Schema]:
    """The components that answers are made of."""
    return {
        "Predictions": predictions(signature, outputs),
        "PredictionsOrOutputs": {"anyOf": [reference("Predictions"), {"type": "object", "required": ["outputs"]}]},
        "Model": {
            "type": "object",
            "properties": {
                "signature": reference("Signature"),
                "proved": PROVED,
                "verification": reference("Verification"),
                "serving": SERVING,
            },
            "required": ["signature", "proved", "verification", "serving"],
        },
        "Models": {
            "type": "object",
            "properties": {"models": {"const": [signature.name]}},
            "required": ["models"],
        },
        "ModelStatus": {
            "type": "object",
            "properties": {
                "name": {"const": signature.name},
                "ready": {"const": True},
                "model_version_status": {"type": "array", "items": {"type": "object"}},
            },
            "required": ["name", "ready"],
        },
        "ModelReady": {
            "type": "object",
            "properties": {"name": {"const": signature.name}, "ready": {"const": True}},
            "required": ["name", "ready"],
        },
        "ServerMetadata": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "string"},
                "extensions": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["name", "version", "extensions"],
        },
        **structures(Signature, Verification, Problem),
        "MlflowError": words("error_code", "message"),
        "Error": words("error"),
    }


PROVED: Schema = {"type": "boolean", "description": "Whether answers were compared; see parity in the signature."}
SERVING: Schema = {
    "type": "object",
    "properties": {
        "model_bytes": {"type": "integer", "description": "Of the file."},
        "max_body": {"type": "integer", "description": "The largest body that is taken, in bytes."},
        "max_rows": {"type": "integer", "description": "How many rows are taken at once."},
        "token": {"type": "boolean", "description": "Whether predictions want a token."},
        "outputs": {"type": "array", "items": {"type": "string"}, "description": "Of the graph."},
        "versions": {"type": "object", "additionalProperties": {"type": "string"}, "description": "By package."},
    },
}


def structures(*types: type) -> dict[str, Schema]:
    """What is JSON by its own type; docstrings are for readers of the code."""
    _, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return {
        name: {key: part for key, part in schema.items() if key != "description"} for name, schema in components.items()
    }


def words(*names: str) -> Schema:
    """An object of strings."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}


def predictions(signature: Signature, outputs: Sequence[str]) -> Schema:
    """One for each row, in the order of the rows."""
    each = label(signature)
    answer: dict[str, Any] = {
        "type": "object",
        "properties": {"predictions": {"type": "array", "items": each}},
        "required": ["predictions"],
    }
    if shares_among(outputs):
        pairs = ", which are pairs of a target and a class of it" if signature.targets else ""
        answer["properties"] |= {
            "probabilities": {
                "description": f"With probabilities=true: for each row, one for each of classes{pairs}.",
                "type": "array",
                "items": {"type": "array", "items": {"type": "number"}},
            },
            "classes": {"const": whose(signature, outputs)},
        }
    return answer


def label(signature: Signature) -> Schema:
    """What is predicted for a row."""
    if signature.targets:
        each = [{"title": target.name, "enum": target.classes} for target in signature.targets]
        return {"type": "array", "prefixItems": each, "minItems": len(each), "maxItems": len(each)}
    return single_label(signature)


def single_label(signature: Signature) -> Schema:
    """The same, of one label; of several at once any of them."""
    if signature.targets:
        return {"enum": list(dict.fromkeys(label for target in signature.targets for label in target.classes))}
    if signature.task == "regression":
        return {"anyOf": [NUMBER, {"type": "array", "items": NUMBER, "description": "Several targets."}]}
    if signature.task == "outlier-detection":
        return {"enum": [-1, 1], "description": "-1 is an outlier."}
    if signature.classes is None:
        return {"type": "integer", "description": "The number of the cluster."}
    return {"enum": signature.classes}
