"""A table is the same whether its pieces are small or large, and read with the columns' types or without."""

import csv as std_csv
import io
import json as std
import re
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from alpenglow._serve.errors import Faults, InputError, MalformedError, PartError, RowsError
from alpenglow._serve.formats import chunks, columns, csv, instances, json, records, split, tensors
from alpenglow._serve.formats.datatypes import DATATYPES
from alpenglow._serve.formats.typed import LONGEST, MOST_NAMES, Typed
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.signature import MISSING, NUMBERS, TEXTS, Column
from alpenglow._serve.table import Parts, Rows
from tests.serve.odd import odd_columns, small_pieces

COLUMNS = odd_columns(nullable_boolean=False)
NAMES = [column.name for column in COLUMNS]
TYPED = Typed(COLUMNS)
UNTYPED = Typed(COLUMNS)  # never knows a layout
UNTYPED.record = None
UNTYPED.split = lambda columns: None  # type: ignore[method-assign]
Read = Callable[[Typed], Parts]

numbers = st.none() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.none() | st.sampled_from(["Oslo", "Rome", "S", "M", MISSING, "],[", "},{", '",', "\\"]) | st.text(max_size=3)
strange = numbers | texts | st.booleans() | st.recursive(st.integers() | texts, st.lists, max_leaves=4)
usual = {"number": numbers, "string": texts, "boolean": st.booleans()}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    """Names in any order, perhaps with others or too few, and rows that mostly fit."""
    names = draw(st.permutations([*NAMES, "other"]))[draw(st.sampled_from([0, 0, 0, 1])) :]
    kinds = {column.name: usual[column.type] for column in COLUMNS}
    row = st.tuples(*(kinds.get(name, strange) | draw(st.sampled_from([st.nothing(), strange])) for name in names))
    return list(names), [list(found) for found in draw(st.lists(row, max_size=9))]


@st.composite
def spaced(draw: st.DrawFn, value: Any) -> bytes:
    """JSON as somebody may write it."""
    between, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:  ")]))
    return std.dumps(value, separators=(between, colon), ensure_ascii=draw(st.booleans())).encode()


def outcome(read: Callable[[], Parts]) -> Any:
    """What becomes of a table, or what is said of it."""
    inputs, faults, rows = Inputs(COLUMNS), Faults(), []
    missing: dict[str, int] = {}
    unknown: dict[str, int] = {}
    try:
        for part in read():
            if isinstance(part, RowsError):
                faults.add(part)
                continue
            try:
                encoded = inputs.encode(part)
            except PartError as error:
                faults.add(error)
                continue
            kinds = [[list(map(repr, row)) for row in encoded.values[kind].tolist()] for kind in (NUMBERS, TEXTS)]
            rows += list(zip(*kinds, strict=True))
            for found, more in ((missing, encoded.missing), (unknown, encoded.unknown)):
                for name, n in more.items():
                    found[name] = found.get(name, 0) + n
        if faults.found:
            raise faults.error()
    except (InputError, MalformedError) as error:
        return str(error), getattr(error, "faults", None), getattr(error, "more", None)
    return rows, missing, unknown


def same(read: Read) -> None:
    """The outcome depends neither on the size of pieces nor on who reads them."""
    expected = outcome(lambda: read(UNTYPED))
    assert outcome(lambda: read(TYPED)) == expected
    for size in (1, 40):
        with small_pieces(size, rows=2):
            assert outcome(lambda: read(TYPED)) == outcome(lambda: read(UNTYPED)) == expected


@given(tables(), st.data())
def test_split(table, data) -> None:
    names, rows = table
    body = Raw(data.draw(spaced({"columns": names, "data": rows})))
    same(lambda typed: split.parts(body, typed, "...", "#"))


@given(tables(), st.data())
def test_records(table, data) -> None:
    names, rows = table
    given = [dict(zip(names, row, strict=True)) for row in rows]
    for record in given:
        for name in data.draw(
            st.lists(st.sampled_from(names), max_size=1) if data.draw(st.booleans()) else st.just([])
        ):
            del record[name]
    body = Raw(data.draw(spaced(given)))
    same(lambda typed: records.parts(body, typed, "...", "#"))
    same(lambda typed: instances.parts(body, typed, "...", "#"))


@given(tables(), st.data())
def test_rows(table, data) -> None:
    rows = [row + [1] * data.draw(st.sampled_from([0, 0, 0, 1])) for row in table[1]]
    body = Raw(data.draw(spaced(rows)))
    same(lambda typed: instances.parts(body, typed, "...", "#"))


@given(tables(), st.data())
def test_columns(table, data) -> None:
    names, rows = table
    given = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    if data.draw(st.booleans()) and rows:
        given[data.draw(st.sampled_from(names))].pop()
    body = Raw(data.draw(spaced(given)))
    same(lambda typed: columns.parts(body, typed, "...", "#"))


@given(tables())
def test_csv(table) -> None:
    names, rows = table
    text = io.StringIO()
    std_csv.writer(text).writerows([names, *rows])
    same(lambda typed: csv.decode(text.getvalue().encode("utf-8", "replace"), COLUMNS, header=True))


@given(tables(), st.data())
def test_tensors(table, data) -> None:
    names, rows = table
    kinds = {column.name: DATATYPES[column.type] for column in COLUMNS}
    nested = data.draw(st.booleans())
    given = [
        {
            "name": name,
            "shape": [len(rows)],
            "datatype": kinds.get(name, "BYTES"),
            "data": [[row[at]] if nested else row[at] for row in rows],
        }
        for at, name in enumerate(names)
    ]
    content = data.draw(spaced(given))

    def read(typed: Typed) -> Parts:
        try:
            found = msgspec.json.decode(content, type=list[tensors.Tensor])
        except msgspec.MsgspecError as error:
            raise MalformedError(str(error)) from error
        return tensors.parts(found, b"", COLUMNS)

    # Of several wrong values the first that is read is named, and which one that is depends on the pieces.
    assert len({str(outcome(partial(read, typed))) for typed in (TYPED, UNTYPED)}) == 1
    if not re.search(r"value \d+: expected", str(outcome(partial(read, TYPED)))):
        same(read)


@given(tables(), st.data())
def test_a_member_that_is_given_twice_is_found_in_any_piece(table, data) -> None:
    names, rows = table
    given = [dict(zip(names, row, strict=True)) for row in rows]
    if not given:
        return
    at = data.draw(st.integers(0, len(given) - 1))
    texts = [std.dumps(record) for record in given]
    name = data.draw(st.sampled_from(names))
    spelt = "".join(f"\\u{ord(letter):04x}" for letter in name) if data.draw(st.booleans()) else name
    texts[at] = f'{{"{spelt}": 1, {texts[at][1:]}'
    body = Raw(f"[{', '.join(texts)}]".encode())
    for typed, size in product((TYPED, UNTYPED), (1, 40, 1 << 15)):
        with (
            small_pieces(size, rows=2),
            pytest.raises(InputError, match=re.escape(f"row {at}: the member {name!r} is given more than once")),
        ):
            list(records.parts(body, typed, "...", "#"))


@pytest.mark.parametrize("rows", [1, 3])
def test_what_clients_send_is_read_with_the_columns_types(rows) -> None:
    row = [25, "Oslo", True, 1.5, "S"]
    table = {"index": [0], "columns": NAMES, "data": [row] * rows}
    record = dict(zip(NAMES, row, strict=True))
    for parts in (
        split.parts(Raw(msgspec.json.encode(table)), TYPED, "...", "#"),
        records.parts(Raw(msgspec.json.encode([record] * rows)), TYPED, "...", "#"),
        instances.parts(Raw(msgspec.json.encode([row] * rows)), TYPED, "...", "#"),
    ):
        (found,) = parts
        assert isinstance(found, Rows)
        encoded = Inputs(COLUMNS).encode(found)
        np.testing.assert_array_equal(encoded.values[NUMBERS], [[25.0, 1.0, 1.5]] * rows)
        assert encoded.values[TEXTS].tolist() == [["Oslo", "S"]] * rows


def test_names_that_json_has_to_escape_are_found_in_any_format() -> None:
    odd = [Column('a "name"\\\n', "number", nullable=False, example=1.0)]
    for body, read in (
        ({"columns": [odd[0].name], "data": [[1]]}, split.parts),
        ([{odd[0].name: 1}], records.parts),
        ({odd[0].name: [1]}, columns.parts),
    ):
        (found,) = read(Raw(msgspec.json.encode(body)), Typed(odd), "...", "#")  # type: ignore[operator]
        assert Inputs(odd).encode(found).values[NUMBERS].tolist() == [[1.0]]


def test_columns_of_one_kind_or_only_one() -> None:
    for one in (COLUMNS[:1], COLUMNS[1:2]):
        body = msgspec.json.encode({"columns": [one[0].name], "data": [[None], [None]]})
        (found,) = split.parts(Raw(body), Typed(one), "...", "#")
        assert isinstance(found, Rows)
        assert Inputs(one).encode(found).missing == {one[0].name: 2}


def test_what_is_remembered_is_bounded() -> None:
    typed = Typed(COLUMNS)
    for i in range(200):
        assert typed.split(msgspec.json.encode([*NAMES, f"x{i}"]))
    assert typed.layout_of.cache_info().currsize < 200
    assert typed.split(msgspec.json.encode([*NAMES, "x" * LONGEST])) is None


def test_objects_with_very_many_names_are_for_the_other_decoder() -> None:
    many = [Column(f"c{i}", "number", nullable=True, example=0.0) for i in range(MOST_NAMES + 1)]
    assert Typed(many).records("#") is None
    assert Typed(many[:-1]).records("#") is not None


def test_bad_json_in_a_piece_is_found_wherever_it_is() -> None:
    with pytest.raises(MalformedError, match="not UTF-8"):
        json.decode(b'{"data": [["' + b"x" * 100_000 + b'\xff"]]}', chunks.SYNTAX, "...")
