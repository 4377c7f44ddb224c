"""What the encoders of category_encoders have learnt: the values that they know, of each column that they encode."""

from collections.abc import Iterator
from typing import Any

import pandas as pd


def is_encoder(step: Any) -> bool:
    """Whether it is one of them."""
    return type(step).__module__.startswith("category_encoders.")


def hashes(step: Any) -> bool:
    """Whether it is the one that learns nothing, and takes whatever comes."""
    return is_encoder(step) and type(step).__name__ == "HashingEncoder"


def fitted_on(encoder: Any) -> list[Any]:
    """The names of the columns that it was fitted on, or their places; nothing, if it does not say."""
    names = next((part.feature_names_in_ for part in parts(encoder) if hasattr(part, "feature_names_in_")), None)
    return [] if names is None else list(names)


def known_values(encoder: Any) -> dict[Any, list[Any]]:
    """The values that it knows, by column; missing ones are not among them."""
    found: dict[Any, list[Any]] = {}
    for part in parts(encoder):
        for column, values in learnt(part):
            present = [value for value in values if not pd.isna(value)]
            found[column] = list(dict.fromkeys([*found.get(column, []), *present]))
    return found


def parts(encoder: Any) -> Iterator[Any]:
    """It and those that it is made of: one for each class or quantile, or the one that it was wrapped around."""
    yield encoder
    inner = getattr(encoder, "feature_encoder", None)
    for part in getattr(encoder, "encoder_list", None) or getattr(encoder, "feature_encoders", {}).values() or [inner]:
        if part is not None:
            yield from parts(part)


def learnt(encoder: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Columns and values that it numbers, or has numbers for, or takes for another value."""
    numbering = getattr(encoder, "ordinal_encoder", None)
    mapping = getattr(encoder if numbering is None else numbering, "mapping", None) or {}
    pairs = mapping.items() if isinstance(mapping, dict) else ((one["col"], one.get("mapping", {})) for one in mapping)
    for column, values in pairs:
        yield column, list(values) if isinstance(values, dict) else list(values.index)
    for name in ("min_group_lumping_", "_min_group_categories"):
        for column, others in getattr(encoder, name, {}).items():
            yield column, list(others)
