"""Decoders that know the types of the model's columns, for the ways in which most rows come.

What they take needs no look at single values any more. They say nothing of what they do not take: that is for the
decoders beside this one, which take the same and more, and know what is wrong with the rest.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.formats.chunks import MOST_VALUES
from alpenglow._serve.formats.json import ERRORS, check_records
from alpenglow._serve.signature import NUMBERS, TEXTS, TIMES, Column
from alpenglow._serve.table import Layout, Row

TYPES: dict[str, Any] = {
    "number": float | None,
    "string": str | None,
    "boolean": bool | None,
    "datetime": str | int | float | None,
    "duration": str | int | float | None,
}
KINDS = (NUMBERS, TEXTS, TIMES)
NAMES = msgspec.json.Decoder(list[str | int])  # pandas' frames may have numbers for names
LAYOUTS = 32  # orders of columns that are remembered
LONGEST = 1 << 16  # of one, in bytes
# msgspec looks for an object's next name from the one that it expects on: by as many comparisons as there are names.
MOST_NAMES = 64
ESCAPED = re.compile(r'[\\"\x00-\x1f]')  # it compares names as they stand in the JSON, and these never stand there


class Typed:
    """For one signature."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.types = {column.name: TYPES[column.type] for column in columns}
        self.kinds = {kind: [column.name for column in columns if column.kind == kind] for kind in KINDS}
        self.own = self.layout(list(self.types))
        self.most = max(MOST_VALUES, 8 * len(columns))  # values in a row, and names in an object
        self.layout_of = lru_cache(LAYOUTS)(self.read_layout)
        fields = {f"f{i}": name for i, name in enumerate(self.types)}
        self.record: msgspec.json.Decoder[list[Any]] | None = None
        if len(fields) <= MOST_NAMES and not any(map(ESCAPED.search, self.types)):
            record: Any = msgspec.defstruct("Record", [(f, self.types[n]) for f, n in fields.items()], rename=fields)
            self.record = msgspec.json.Decoder(list[record])

    def split(self, columns: bytes | Raw) -> Layout | None:
        """The layout of rows whose columns are given as JSON; None if the model's are not all there."""
        if len(memoryview(columns)) > LONGEST:
            return None
        try:
            return self.layout_of(bytes(columns))
        except ERRORS:
            return None

    def records(self, at: str) -> Layout | None:
        """The layout of records that have all of the model's columns, and lie at a pointer."""
        if self.record is None:
            return None
        decode, width = self.record.decode, len(self.types)

        def read(content: bytes | Raw, first: int) -> Sequence[Row]:
            records = decode(content)
            check_records(content, width * len(records), at, first)
            return list(map(msgspec.structs.astuple, records))

        return self.own._replace(read=read)

    def read_layout(self, columns: bytes) -> Layout | None:
        """The layout of a split's columns; None if the model's are not all there, or one is there twice."""
        names = list(map(str, NAMES.decode(columns)))
        return self.layout(names) if self.types.keys() <= set(names) and len(set(names)) == len(names) else None

    def layout(self, names: Sequence[str]) -> Layout:
        """The layout of rows with these columns; what the model does not read may be anything."""
        row: Any = tuple[tuple(self.types.get(name, Any) for name in names)]  # type: ignore[misc]
        decode = msgspec.json.Decoder(list[row]).decode
        kinds = (picking([names.index(name) for name in self.kinds[kind]]) for kind in KINDS)
        return Layout(names, lambda content, first: decode(content), *kinds)


def picking(places: Sequence[int]) -> Callable[[Row], Row]:
    """What takes the values at these places."""
    return (
        itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1) if places else slice(0))
    )
