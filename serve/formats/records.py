"""Pandas' `to_json(orient="records")`: `[{"age": 25, ...}, ...]`."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec
from msgspec import Raw

from alpenglow._serve.errors import MOST_SHOWN, Fault, RowsError
from alpenglow._serve.formats import json, pieces
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.table import Layout, Parts, Row, Table, below, check_kind, no_rows

EXPECTED = '[{"...": ..., ...}, ...]'


def parts(
    array: bytes | Raw, typed: Typed, expected: str, at: str, decoder: msgspec.json.Decoder[Any] = json.RECORDS
) -> Parts:
    """The table of the model's columns.

    Args:
        array: JSON.
        typed: Decoders for the model.
        expected: The body's shape, in words for a message.
        at: The pointer to the array.
        decoder: Of the array, which may have more than objects.

    Raises:
        InputError: There is no row, or one is no object or has a name twice.
    """
    return pieces.parts(array, *reader(typed, expected, at, decoder), typed.most)


def reader(
    typed: Typed, expected: str, at: str, decoder: msgspec.json.Decoder[Any] = json.RECORDS
) -> tuple[Layout | None, pieces.General]:
    """What reads pieces of such an array, in order; arguments as above."""
    names = list(typed.types)

    def read(piece: bytes | Raw, first: int) -> Table:
        records = json.piece(piece, decoder, expected, at, first)
        check_kind(records, dict, at, first)
        json.check_records(piece, sum(map(len, records)), at, first)
        if not first:
            names[:] = [name for name in names if records and name in records[0]]
        return table(records, names, at, first)

    layout = typed.records(at)

    def read_typed(piece: bytes | Raw, first: int) -> Sequence[Row]:
        if layout is None or len(names) < len(typed.types):  # the first record has not all of them
            raise msgspec.ValidationError
        return layout.read(piece, first)

    return layout and layout._replace(read=read_typed), read


def table(records: Sequence[dict[str, Any]], names: Sequence[str], at: str = "#", first: int = 0) -> Table:
    """A part of the table, from what lies at a pointer; what else is there is ignored.

    pandas would fill what a later row lacks with a missing value. A client that leaves a name out has more often
    misspelt it, so that is refused: null says it.

    Args:
        records: Some.
        names: Of the model's columns, those that the first record of all has.
        at: The pointer to all.
        first: The number of the first of these.

    Raises:
        InputError: There is no row.
        RowsError: One lacks a name.
    """
    if not records:
        raise no_rows(at)
    try:
        columns = {name: [record[name] for record in records] for name in names}
    except KeyError:
        raise lacking(records, names, at, first) from None
    return Table(columns, len(records), partial(below, at), below(at, 0), first)


def lacking(records: Sequence[dict[str, Any]], names: Sequence[str], at: str, first: int) -> RowsError:
    """The names that rows lack."""
    wanted = set(names)
    missing = [wanted - record.keys() if record else wanted for record in records]
    short = islice((row for row, absent in enumerate(missing) if absent), MOST_SHOWN)
    faults = [
        Fault(
            f"row {first + row} has no {name!r}: send null for a missing value",
            below(at, first + row),
            name,
            first + row,
        )
        for row in short
        for name in names
        if name in missing[row]
    ]
    return RowsError(faults[:MOST_SHOWN], sum(map(len, missing)), rows=len(records))
