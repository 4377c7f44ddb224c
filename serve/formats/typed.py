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

from serve.formats.json import ERRORS
from serve.signature import NUMBERS, TEXTS, Column
from serve.table import Layout, Row, Rows, Table

TYPES: dict[str, Any] = {"number": float | None, "string": str | None, "boolean": bool | None}
LAYOUTS = 32  # orders of columns that are remembered
LONGEST = 1 << 16  # of one, in bytes
# msgspec looks for an object's next name from the one that it expects on: by as many comparisons as there are names.
MOST_NAMES = 64
ESCAPED = re.compile(r'[\\"\x00-\x1f]')  # it compares names as they stand in the JSON, and these never stand there

General = Callable[[], Table]


class Split(msgspec.Struct):
    """`{"columns": [...], "data": [[...], ...]}`; any other member is ignored."""

    columns: Raw
    data: Raw


class Typed:
    """For one signature. Each method gives None for what it does not take.

    `content` is JSON, `general` reads the same table with the decoders beside this one.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.types = {column.name: TYPES[column.type] for column in columns}
        self.kinds = {kind: [column.name for column in columns if column.kind == kind] for kind in (NUMBERS, TEXTS)}
        self.own = self.layout(list(self.types))
        self.splits = msgspec.json.Decoder(Split)
        self.names = msgspec.json.Decoder(list[str | int])
        self.layout_of = lru_cache(LAYOUTS)(self.read_layout)
        fields = {f"f{i}": name for i, name in enumerate(self.types)}
        self.record: msgspec.json.Decoder[list[Any]] | None = None
        if len(fields) <= MOST_NAMES and not any(map(ESCAPED.search, self.types)):
            record: Any = msgspec.defstruct("Record", [(f, self.types[n]) for f, n in fields.items()], rename=fields)
            self.record = msgspec.json.Decoder(list[record])

    def split(self, content: bytes | Raw, general: General) -> Rows | None:
        """Pandas' `to_json(orient="split")`."""
        try:
            split = self.splits.decode(content)
            layout = self.layout_of(bytes(split.columns)) if len(memoryview(split.columns)) <= LONGEST else None
            rows = layout.decode(split.data) if layout else None
        except ERRORS:
            return None
        return Rows(layout, rows, general) if layout and rows else None

    def records(self, content: bytes | Raw, general: General) -> Rows | None:
        """Pandas' `to_json(orient="records")`, all of the model's columns in each."""
        try:
            records = self.record.decode(content) if self.record else None
        except ERRORS:
            return None
        return Rows(self.own, list(map(msgspec.structs.astuple, records)), general) if records else None

    def rows(self, content: bytes | Raw, general: General) -> Rows | None:
        """Rows alone, in the order of the signature's columns."""
        try:
            rows = self.own.decode(content)
        except ERRORS:
            return None
        return Rows(self.own, rows, general) if rows else None

    def instances(self, content: Raw, general: General) -> Rows | None:
        """Rows or records, as their first one tells."""
        first = bytes(memoryview(content)[:2])
        read = {b"[[": self.rows, b"[{": self.records}.get(first)
        return read(content, general) if read else None

    def read_layout(self, columns: bytes) -> Layout | None:
        """The layout of a split's columns; None if the model's are not all there, or one is there twice."""
        names = list(map(str, self.names.decode(columns)))
        return self.layout(names) if self.types.keys() <= set(names) and len(set(names)) == len(names) else None

    def layout(self, names: Sequence[str]) -> Layout:
        """The layout of rows with these columns; what the model does not read may be anything."""
        row: Any = tuple[tuple(self.types.get(name, Any) for name in names)]  # type: ignore[misc]
        kinds = (picking([names.index(name) for name in self.kinds[kind]]) for kind in (NUMBERS, TEXTS))
        return Layout(names, msgspec.json.Decoder(list[row]).decode, *kinds)


def picking(places: Sequence[int]) -> Callable[[Row], Row]:
    """What takes the values at these places."""
    return (
        itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1) if places else slice(0))
    )
