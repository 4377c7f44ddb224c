"""What the descriptions of paths are made of: operations, parameters, contents and answers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from alpenglow._serve.openapi.columns import Schema, reference
from alpenglow._serve.problems import PROBLEM_JSON

JSON, TEXT = "application/json", "text/plain"
Part = dict[str, Any]
REASONS = {
    400: "The body cannot be read, or what it has does not fit the model.",
    401: "There is no token, or another one.",
    404: "The model has another name or version.",
    413: "The body has more bytes, or the table more rows, than are taken: the answer names the limit.",
    415: "The body is of a type that is not taken here.",
    422: "The table does not fit the model: the answer lists what is wrong, and where.",
    503: "There is no room for it now: the answer has Retry-After.",
}


class Refusals(NamedTuple):
    """How a protocol answers what it refuses."""

    schema: str
    media_type: str = JSON

    def responses(self, *statuses: int) -> Part:
        """For these statuses."""
        return {str(status): self.response(status) for status in statuses}

    def response(self, status: int) -> Part:
        """For one."""
        found: Part = {"description": REASONS[status], "content": {self.media_type: {"schema": reference(self.schema)}}}
        if status == 401:
            challenge = {"description": "Bearer.", "required": True, "schema": {"type": "string"}}
            found["headers"] = {"WWW-Authenticate": challenge}
        if status == 503:
            seconds = {"description": "Seconds.", "schema": {"type": "integer"}}
            found["headers"] = {"Retry-After": seconds}
        return found


DETAILS = Refusals("Problem", PROBLEM_JSON)


def get(
    tag: str, name: str, summary: str, given: Part, parameters: Sequence[Part] = (), refusals: Part | None = None
) -> Part:
    """An operation that takes nothing."""
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        **({"parameters": list(parameters)} if parameters else {}),
        "responses": {"200": given, **(refusals or {})},
    }


def post(
    tag: str, name: str, summary: str, taken: Part, given: Part, parameters: Sequence[Part], refusals: Part
) -> Part:
    """An operation that predicts; it wants a token if there is an answer to whoever has none."""
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": taken},
        "responses": {"200": given, **refusals},
        **({"security": [{"token": []}]} if "401" in refusals else {}),
    }


def content(schema: Schema, examples: Part | None = None, media_type: str = JSON) -> Part:
    """A body of one type."""
    return {media_type: {"schema": schema, **({"examples": examples} if examples else {})}}


def answer(description: str, schema: Schema, media_type: str = JSON) -> Part:
    """A response of one type."""
    return {"description": description, "content": content(schema, media_type=media_type)}


def text(description: str) -> Part:
    """A response in plain text."""
    return answer(description, {"type": "string"}, TEXT)


def query(name: str, description: str) -> Part:
    """A parameter that is true or false; its name alone is true."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "boolean", "default": False},
        "allowEmptyValue": True,
    }


def segment(name: str, value: str) -> Part:
    """A part of the path that has one value."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": [value]}}
