"""A column's values as JSON Schema."""

import re
from collections.abc import Sequence
from typing import Any

from alpenglow._serve.signature import MISSING, Column
from alpenglow._serve.usage import as_integer

Schema = dict[str, Any]


def references(columns: Sequence[Column]) -> dict[str, Schema]:
    """Where each column's schema is among the components, by the column's name.

    A component's name has fewer characters than a column's may have (OpenAPI 3.1, section 4.8.7.1).
    """
    found: dict[str, Schema] = {}
    taken = set()
    for column in columns:
        plain = f"column.{re.sub('[^A-Za-z0-9._-]', '_', column.name)}"
        name = plain if plain not in taken else f"{plain}.{len(found)}"
        taken.add(name)
        found[column.name] = reference(name)
    return found


def reference(name: str) -> Schema:
    """To a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def value(column: Column) -> Schema:
    """What a column takes: what is refused does not fit the schema, and what fits is not refused."""
    common = {"title": column.name, "examples": [as_integer(column.example)]}
    if column.type == "string":
        return {**common, **text(column)}
    if column.type == "boolean":
        return {**common, "type": or_null("boolean", column)}
    limits = {"minimum": column.lowest, "maximum": column.highest}
    return {
        **common,
        "type": or_null("integer" if column.whole else "number", column),
        **{name: limit for name, limit in limits.items() if limit is not None},
        **seen(column),
    }


def text(column: Column) -> Schema:
    """A string, with the known ones as a choice, and as the only choice where the column is closed."""
    any_text = {"type": or_null("string", column), "not": {"const": MISSING}}
    if column.categories is None:
        return any_text
    if column.closed:
        return {
            "type": or_null("string", column),
            "enum": [*column.categories, *([None] if column.nullable else [])],
            "description": "Others are refused.",
        }
    return {
        "anyOf": [{"type": "string", "enum": column.categories}, any_text],
        "description": "The model knows those that are listed; others are taken, and refused with strict=true.",
    }


def seen(column: Column) -> Schema:
    """The range in the sample, which is no limit."""
    if column.minimum is None or column.maximum is None:
        return {}
    return {"description": f"From {column.minimum:g} to {column.maximum:g} in the sample; others are taken, too."}


def or_null(name: str, column: Column) -> str | list[str]:
    """A type, and null if a value may be missing."""
    return [name, "null"] if column.nullable else name
