"""A column's values as JSON Schema."""

import re
from collections.abc import Sequence
from typing import Any

from alpenglow._serve.signature import MISSING, Column
from alpenglow._serve.times import NANOSECONDS, Taken
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
    if column.time:
        return {**common, **moment(column)}
    limits = {"minimum": column.lowest, "maximum": column.highest}
    return {
        **common,
        "type": or_null("integer" if column.whole else "number", column),
        **{name: limit for name, limit in limits.items() if limit is not None},
        **seen(column),
    }


CLOCK = r"^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
OFFSET = r"(Z|[+-]\d{2}(:?\d{2}(:?\d{2})?)?)$"
UTC = r"(Z|[+-]00(:?00(:?00)?)?)?$"
DURATION = r"^[+-]?P([+-]?\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$|^[+-]?\d+ days?( .*)?$"


def moment(column: Column) -> Schema:
    """Text as ISO 8601 has it, or milliseconds; what JSON Schema cannot say is in the description."""
    taken, time = Taken(column), column.time
    nanoseconds = NANOSECONDS[taken.unit]
    least, most = -(-taken.lowest * nanoseconds // 10**6), taken.highest * nanoseconds // 10**6
    sample = f" From {time.minimum} to {time.maximum} in the sample." if time and time.minimum else ""
    zone = f" The model sees the clocks of {time.zone}." if time and time.zone else ""
    return {
        "anyOf": [
            *({"type": "string", **form} for form in forms(taken)),
            {"type": "integer", "minimum": least, "maximum": most},
            *([{"type": "null"}] if column.nullable else []),
        ],
        "description": f"Takes {taken.expected()}; others are refused.{zone}{sample}",
    }


def forms(taken: Taken) -> list[Schema]:
    """The forms of a text; one that RFC 3339 has too has its name."""
    if taken.duration:
        return [{"pattern": DURATION}]
    if taken.zoned:
        return [{"format": "date-time"}, {"pattern": CLOCK + OFFSET}]
    midnight = r"^\d{4}-\d{2}-\d{2}[T ]00:00(:00(\.0{1,9})?)?Z?$"
    if taken.unit == "D":
        return [{"format": "date"}, {"pattern": midnight}]
    return [{"format": "date-time", "pattern": r"(Z|[+-]00:00)$"}, {"format": "date"}, {"pattern": CLOCK + UTC}]


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
