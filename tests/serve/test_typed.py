"""What knows the columns' types takes no more than what looks at each value, and makes the same of it."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.errors import InputError, MalformedError
from serve.formats import instances, json, records, split
from serve.formats.instances import Instances
from serve.formats.typed import LONGEST, MOST_NAMES, Typed
from serve.inputs import Inputs
from serve.signature import MISSING, NUMBERS, TEXTS, Column
from serve.table import Rows, Table

COLUMNS = [
    Column("age", "number", nullable=True, example=1.0),
    Column("city", "string", nullable=True, example="Oslo", categories=["Oslo", "Rome"]),
    Column("strong", "boolean", nullable=False, example=True),
    Column("wéight/~", "number", nullable=False, example=1.0, lowest=-10.0, highest=1e9),
    Column("size", "string", nullable=False, example="S", categories=["S", "M"], closed=True),
]
NAMES = [column.name for column in COLUMNS]
ANY = msgspec.json.Decoder(split.Split)
RECORDS = msgspec.json.Decoder(list[dict[str, Any]])
INSTANCES = msgspec.json.Decoder(Instances)

numbers = st.none() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.none() | st.sampled_from(["Oslo", "Rome", "S", "M", MISSING]) | st.text(max_size=3)
strange = numbers | texts | st.booleans() | st.lists(st.integers(), max_size=1)
usual = {"number": numbers, "string": texts, "boolean": st.booleans()}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    """Names in any order, perhaps with others or too few, and rows that mostly fit."""
    names = draw(st.permutations([*NAMES, "other"]))[draw(st.sampled_from([0, 0, 0, 1])) :]
    kinds = {column.name: usual[column.type] for column in COLUMNS}
    row = st.tuples(*(kinds.get(name, strange) | draw(st.sampled_from([st.nothing(), strange])) for name in names))
    return list(names), [list(found) for found in draw(st.lists(row, max_size=4))]


def outcome(make: Callable[[], Table | Rows]) -> Any:
    """What becomes of a table, or what is said of it."""
    try:
        table = make()
        found = Inputs(COLUMNS).encode(table)
    except (InputError, MalformedError) as error:
        return str(error), getattr(error, "faults", None)
    values = {kind: [[repr(cell) for cell in row] for row in array.tolist()] for kind, array in found.values.items()}
    return values, found.missing, found.unknown


def same(typed: Callable[[Any, Callable[[], Table]], Rows | None], body: Any, general: Callable[[], Table]) -> None:
    """Both have the same outcome, if the typed decoder has one."""
    found = typed(body, general)
    if found is not None:
        assert outcome(lambda: found) == outcome(general)


def nothing() -> Table:
    """Nobody is to ask."""
    raise AssertionError


@given(tables())
def test_split(table) -> None:
    names, rows = table
    body = msgspec.json.encode({"columns": names, "data": rows})
    same(Typed(COLUMNS).split, body, lambda: split.table(json.decode(body, ANY, "")))


@given(tables())
def test_records_and_rows(table) -> None:
    names, rows = table
    body = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows])
    same(Typed(COLUMNS).records, body, lambda: records.table(json.decode(body, RECORDS, ""), NAMES))
    body = msgspec.json.encode(rows)
    same(
        Typed(COLUMNS).instances,
        msgspec.Raw(body),
        lambda: instances.table(json.decode(body, INSTANCES, ""), NAMES, "#"),
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_what_clients_send_is_taken(rows) -> None:
    row = [25, "Oslo", True, 1.5, "S"]
    typed = Typed(COLUMNS)
    body = msgspec.json.encode({"index": [0], "columns": NAMES, "data": [row] * rows})
    for found in (
        typed.split(body, nothing),
        typed.records(msgspec.json.encode([dict(zip(NAMES, row, strict=True))] * rows), nothing),
        typed.instances(msgspec.Raw(msgspec.json.encode([row] * rows)), nothing),
    ):
        assert found is not None
        encoded = Inputs(COLUMNS).encode(found)
        np.testing.assert_array_equal(encoded.values[NUMBERS], [[25.0, 1.0, 1.5]] * rows)
        assert encoded.values[TEXTS].tolist() == [["Oslo", "S"]] * rows


def test_names_that_json_has_to_escape_are_found_in_any_format() -> None:
    odd = [Column('a "name"\\\n', "number", nullable=False, example=1.0)]
    typed = Typed(odd)
    assert typed.split(msgspec.json.encode({"columns": [odd[0].name], "data": [[1]]}), nothing) is not None
    assert typed.records(msgspec.json.encode([{odd[0].name: 1}]), nothing) is None  # the other decoder takes it


def test_columns_of_one_kind_or_only_one() -> None:
    for columns in (COLUMNS[:1], COLUMNS[1:2]):
        body = msgspec.json.encode({"columns": [columns[0].name], "data": [[None], [None]]})
        found = Typed(columns).split(body, nothing)
        assert found is not None
        assert Inputs(columns).encode(found).missing == {columns[0].name: 2}


def test_what_is_remembered_is_bounded() -> None:
    typed = Typed(COLUMNS)
    for i in range(200):
        body = msgspec.json.encode({"columns": [*NAMES, f"x{i}"], "data": [[25, "Oslo", True, 1, "S", i]]})
        assert typed.split(body, nothing)
    assert typed.layout_of.cache_info().currsize < 200
    names = [*NAMES, "x" * LONGEST]
    body = msgspec.json.encode({"columns": names, "data": [[25, "Oslo", True, 1, "S", 0]]})
    assert typed.split(body, nothing) is None


def test_objects_with_very_many_names_are_for_the_other_decoder() -> None:
    many = [Column(f"c{i}", "number", nullable=True, example=0.0) for i in range(MOST_NAMES + 1)]
    body = msgspec.json.encode([{column.name: 1 for column in many}])
    assert Typed(many).records(body, nothing) is None
    assert Typed(many[:-1]).records(body, nothing) is not None
