"""Dates, times and durations in requests: read as pandas reads them, in every format, or refused."""

import itertools
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError, ValuesError
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.signature import NAT, TIMES, Column, Time
from alpenglow._serve.table import Table, nowhere
from alpenglow._serve.times import DAY, FEW, SECOND, Taken, duration, moment
from tests.serve.encodings import Direct, Echo, Sent, encodings, predictions

UNITS = list(DAY)
ZONE = "Europe/Berlin"


def column(unit: Any = "us", zone: str | None = None, kind: Any = "datetime", **more: Any) -> Column:
    """One that takes missing values."""
    return Column("when", kind, nullable=True, example="2024-03-01", time=Time(unit, zone, **more))


def counts(values: list[Any], one: Column) -> list[int]:
    """What the graph would get."""
    table = Table({"when": values}, len(values), lambda row, name: f"#/{row}")
    return list(Inputs([one]).encode(table).values[TIMES][:, 0].tolist())


def refusal(value: Any, one: Column, among: int = 1) -> str:
    """Why a value is refused, alone or among others that are fine."""
    good = one.example if one.type == "datetime" else "P1D"
    good = f"{good}T00:00Z" if one.time and one.time.zone else good
    with pytest.raises(ValuesError) as refused:
        counts([*[good] * (among - 1), value], one)
    (fault,) = refused.value.faults
    assert fault.row == among - 1
    assert fault.column == "when"
    return fault.detail


TEXTS = [
    ("2024-02-29", 1_709_164_800_000_000),
    ("1900-03-01", -2_203_891_200_000_000),
    ("2024-02-29T23:59", 1_709_251_140_000_000),
    ("2024-02-29 23:59:59", 1_709_251_199_000_000),
    ("2024-02-29T23:59:59.5", 1_709_251_199_500_000),
    ("2024-02-29T23:59:59.123456", 1_709_251_199_123_456),
    ("2024-02-29T23:59:59.123456000", 1_709_251_199_123_456),
    ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
    ("2024-02-29T23:59:59.000+00:00", 1_709_251_199_000_000),
    ("1969-12-31T23:59:59.999999", -1),
    ("0001-01-01", -62_135_596_800_000_000),
    ("9999-12-31T23:59:59.999999", 253_402_300_799_999_999),
    (0, 0),
    (-1, -1_000),
    (1_709_251_199_123, 1_709_251_199_123_000),
    (1.709251199e12, 1_709_251_199_000_000),
    (None, NAT),
    (float("nan"), NAT),
]


@pytest.mark.parametrize(("value", "count"), TEXTS)
@pytest.mark.parametrize("among", [1, FEW + 2])
def test_what_is_taken(value: Any, count: int, among: int) -> None:
    others = ["2024-03-01"] * (among - 1)
    assert counts([*others, value], column())[-1] == count


NO_MOMENTS = """
2024|2024-01|20240301|20240301T120000|2024-W09-5|2024-061|24-03-01|2024-3-1|-2024-01-01|+2024-01-01|2024-01-01Z
2024-02-30|2023-02-29|1900-02-29|2024-13-01|2024-00-01|2024-01-00|0000-01-01|10000-01-01|01/02/2024|1.2.2024|12:00|noon
2024-01-01T24:00|2024-01-01T24:00:00|2024-01-01T23:60|2024-01-01T23:59:60|2024-01-01T|2024-01-01T12|2024-01-01T1:00
2024-01-01T12:00:00.|2024-01-01T12:00:00,5|2024-01-01T12:00.5|2024-01-01T12:00z|2024-01-01t12:00|2024-01-01  12:00
2024-01-01T12:00:00.1234567|2024-01-01T12:00:00.1234567890|2024-01-01_12:00|2024-01-01T12:00-00:01| 2024-01-01
2024-01-01T12:00:00+02:00|2024-01-01T12:00:00+24:00|2024-01-01T12:00:00+1:00|2024-01-01T12:00:00 Z|2024-01-01 |P1D
NaT|nat|now|today|null|None|nan|January 1st, 2024|1709251199123|1e12
"""
REFUSED = [
    *NO_MOMENTS.strip().replace("\n", "|").split("|"),
    *(
        "",
        " ",
        "2024-01-01\n",
        "2024-01-01\n2024-01-02",
        "\n",
        "NaT\n",
        "\u0662\u0660\u0662\u0664-01-01",
        "\0",
        "\ufdd0",
    ),
    *("2024\u201301\u201301", "2024-01-01\0", "9" * 1_000_000, "2024-01-01T" + "0" * 100_000, "\U0001f4c5"),
    *(True, False, [], {}, ["2024-01-01"], {"$date": 0}),
    *(0.5, 1e-300, 1e300, -1e300, 10**400, -(10**30), 2**63, 253_402_300_800_000, -62_135_596_800_001, float("inf")),
]


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("among", [1, FEW + 2])
def test_what_is_refused(value: Any, among: int) -> None:
    detail = refusal(value, column(), among)
    assert f"row {among - 1}, column 'when': expected a time as ISO 8601 has it, such as 2024-03-01T12:30:00" in detail
    assert "from 0001-01-01T00:00:00 to 9999-12-31T23:59:59.999999, got " in detail
    assert len(detail) < 400


def test_a_zone_needs_an_offset_and_none_takes_no_other_clocks() -> None:
    zoned = column(zone=ZONE)
    expected = [1_709_290_800_000_000]
    for text in ("2024-03-01T12:00+01:00", "2024-03-01T12:00:00.0+01", "2024-03-01 11:00Z", "2024-03-01T05:15:00-0545"):
        assert counts([text], zoned) == [counts(["2024-03-01T11:00"], column())[0]] == expected
    for text in ("2024-03-01T12:00", "2024-03-01", "2024-03-01T12:00:00"):
        assert "such as 2024-03-01T12:30:00Z or 2024-03-01T14:30:00+02:00" in refusal(text, zoned)
    assert "without an offset" in refusal("2024-03-01T12:00+01:00", column())


def test_days_take_midnight_alone() -> None:
    days = column("D")
    assert counts(["2024-03-01", "2024-03-01T00:00:00.000Z", 1_709_251_200_000], days) == [19_783] * 3
    for value in ("2024-03-01T12:00", "2024-03-01T00:00:00.001", 1_709_251_200_001):
        assert "a date as ISO 8601 has it, such as 2024-03-01" in refusal(value, days)


@pytest.mark.parametrize(
    ("unit", "digits", "words"), [("s", 0, "seconds"), ("ms", 3, "milliseconds"), ("us", 6, "micro")]
)
def test_what_is_finer_than_the_unit_is_refused(unit: str, digits: int, words: str) -> None:
    second = "2024-03-01T12:00:00"
    finest = f"{second}.{'0' * (digits - 1)}1" if digits else second
    assert counts([finest], column(unit)) == [1_709_294_400 * SECOND[unit] + (digits > 0)]
    assert words in refusal(f"{second}.{'0' * digits}1", column(unit))
    assert counts([f"{second}.{'0' * 9}"], column(unit)) == [1_709_294_400 * SECOND[unit]]


def test_nanoseconds_have_fewer_years() -> None:
    fine = column("ns")
    ends = ["1677-09-21T00:12:43.145224193", "2262-04-11T23:47:16.854775807"]
    assert counts(ends, fine) == [-(2**63) + 1, 2**63 - 1]
    for value in ("1677-09-21T00:12:43.145224192", "2262-04-11T23:47:16.854775808", "1600-01-01", "2300-01-01", 10**13):
        for among in (1, FEW + 2):
            assert f"from {ends[0]} to {ends[1]}" in refusal(value, fine, among)


def test_limits_of_the_model_are_those_of_requests() -> None:
    some = msgspec.structs.replace(
        column(lowest="2020-01-01T00:00:00", highest="2020-12-31T00:00:00"), example="2020-02-02"
    )
    assert counts(["2020-01-01", "2020-12-31"], some)
    for value in ("2019-12-31T23:59:59", "2020-12-31T00:00:00.000001", 0):
        assert "from 2020-01-01T00:00:00 to 2020-12-31T00:00:00" in refusal(value, some, FEW + 2)


DURATIONS = [
    ("P1D", 86_400_000),
    ("PT0S", 0),
    ("P1DT2H3M4.5S", 93_784_500),
    ("-PT1S", -1_000),
    ("P-1DT23H59M59S", -1_000),
    ("PT36H", 129_600_000),
    ("1 days 02:03:04.500000", 93_784_500),
    ("-1 days +23:59:59", -1_000),
    ("3 days", 259_200_000),
    (1500, 1_500),
    (-1500.0, -1_500),
    (None, NAT),
]


@pytest.mark.parametrize(("value", "count"), DURATIONS)
def test_durations(value: Any, count: int) -> None:
    assert counts([value], column("ms", kind="duration")) == [count]
    if isinstance(value, str):
        assert pd.Timedelta(value) == pd.Timedelta(count, "ms")


@pytest.mark.parametrize(
    "value",
    [
        *("P", "PT", "P1", "1D", "P1Y", "P1M", "P1W", "P1DT", "PT1.5H", "PT1,5S", "P\u0661D", "12:00:00", "1 day ago"),
        *("one day", "PT0.0001S", "P1D "),
        *("P999999999D", "P106752D", 0.5, True, "2024-01-01", "", f"P{'1' * 100_000}D"),
    ],
)
def test_what_is_no_duration(value: Any) -> None:
    detail = refusal(value, column("ms", kind="duration"))
    assert (
        "expected a duration as ISO 8601 has it, such as P1DT2H30M, or its milliseconds, in whole milliseconds"
        in detail
    )


MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30))
FORMS = ["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@given(st.lists(MOMENTS, min_size=1, max_size=3 * FEW), st.sampled_from(FORMS))
def test_texts_are_the_instants_that_pandas_reads(moments: list[datetime], form: str) -> None:
    texts = [f"{moment.year:04}{moment.strftime(form.removeprefix('%Y'))}" for moment in moments]
    expected = np.array(texts, "datetime64[us]")
    assert counts(list(texts), column()) == expected.astype(np.int64).tolist()
    assert [pd.Timestamp(text).to_datetime64() for text in texts] == expected.tolist()


@given(MOMENTS, st.integers(-24 * 60 + 1, 24 * 60 - 1))
def test_offsets_are_those_of_python(when: datetime, minutes: int) -> None:
    text = when.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat()
    instant = (when - datetime(1970, 1, 1) - timedelta(minutes=minutes)) // timedelta(microseconds=1)
    assert Taken(column(zone="UTC")).read(text) == instant


@given(st.integers(), st.sampled_from(UNITS), st.booleans(), st.booleans())
@example(count=0, unit="us", zoned=False, lasting=True)
def test_what_is_shown_is_read_again(count: int, unit: str, zoned: bool, lasting: bool) -> None:
    one = column(unit, "UTC" if zoned and unit != "D" and not lasting else None, "duration" if lasting else "datetime")
    taken = Taken(one)
    count = max(taken.lowest, min(count * DAY[unit] // 1000, taken.highest))
    assert counts([taken.text(count)], one) == [count]


@given(
    st.text()
    | st.from_regex(r"[0-9TZ:+ .-]{1,40}", fullmatch=True)
    | st.from_regex(r"-?P[0-9DTHMS.-]{1,20}", fullmatch=True)
)
def test_any_text_is_read_as_pandas_does_or_refused(text: str) -> None:
    for unit, kind in itertools.product(("us", "D"), ("datetime", "duration")):
        taken = Taken(column(unit, kind=kind))
        found = taken.count(text)
        if found is not None:
            read = pd.Timestamp(text) if kind == "datetime" else pd.Timedelta(text)
            assert read == (pd.Timestamp if kind == "datetime" else pd.Timedelta)(
                np.array(found).view(f"{'M' if kind == 'datetime' else 'm'}8[{unit}]")[()]
            )
        many = taken.counts([taken.text(0)] * (FEW + 1) + [text])
        assert (None if many is None else int(many[-1])) == found


COLUMNS = [
    Column("when", "datetime", nullable=True, example="2024-03-01T12:00:00", time=Time("us")),
    Column("at", "datetime", nullable=True, example="2024-03-01T12:00:00Z", time=Time("ns", ZONE)),
    Column("day", "datetime", nullable=True, example="2024-03-01", time=Time("D")),
    Column("took", "duration", nullable=True, example="PT1H", time=Time("ms")),
    Column("x", "number", nullable=True, example=1.0),
    Column("kind", "string", nullable=True, example="a", categories=["a"]),
]
ROWS = [
    ["2024-03-01T12:00:00", "2024-03-01T12:00:00.123456789Z", "2024-03-01", "P1DT2H", 1.5, "a"],
    ["1969-12-31 23:59:59.999999", "1900-01-01T00:00:00+05:53:28", "1900-02-28", "-PT0.001S", -2.0, "b"],
    [1_709_294_400_000, 1_709_294_400_123, 1_709_251_200_000, 90_061_500, 3.0, "a"],
    [None, None, None, None, None, None],
]


@pytest.mark.parametrize("name", encodings(COLUMNS, ROWS))
@pytest.mark.parametrize("times", [1, 400])
def test_every_format_has_the_same_times(name: str, times: int) -> None:
    direct = Direct(Echo(COLUMNS))
    expected = predictions(direct.answer(encodings(COLUMNS, ROWS)["records"])) * times
    texts, numbers = ROWS[:2] * times, ROWS[2:3] * times  # a tensor has one datatype
    some = predictions(direct.answer(encodings(COLUMNS, texts)[name])) + predictions(
        direct.answer(encodings(COLUMNS, numbers)[name])
    )
    assert sorted(some) == sorted(row for row in expected if str(NAT) not in row)
    if name != "binary tensors" or times == 1:
        assert predictions(direct.answer(encodings(COLUMNS, [ROWS[0], ROWS[3]])[name])) == [expected[0], expected[3]]


@pytest.mark.parametrize("name", encodings(COLUMNS, ROWS))
def test_every_format_refuses_with_row_and_column(name: str) -> None:
    direct = Direct(Echo(COLUMNS))
    rows = [ROWS[0]] * 30 + [["2024-02-30", *ROWS[0][1:]]] + [ROWS[0]] * 10
    with pytest.raises(InputError, match=r"row 30, column 'when': expected a time .* got \"2024-02-30\""):
        direct.answer(encodings(COLUMNS, rows)[name])


@pytest.mark.parametrize(
    ("field", "count"),
    [
        *(("1709294400000", 1_709_294_400_000_000), ("-1", -1_000), ("0", 0), ("NaT", NAT), ("", NAT), ("NA", NAT)),
        *((field, None) for field in ("20240301", "202403", "2024", "1e12", "1709294400000.0", "1_0", "+1", "9" * 30)),
    ],
)
def test_numbers_in_csv_are_milliseconds_unless_they_look_like_dates(field: str, count: int | None) -> None:
    sent = Sent("/predict", f"when\n{field}\n".encode() if field else b'when,x\n"",1\n', {"content-type": "text/csv"})
    direct = Direct(Echo([column()]))
    if count is None:
        with pytest.raises(InputError, match="expected a time"):
            direct.answer(sent)
    else:
        assert f"[{count}]" in predictions(direct.answer(sent))[0]


def test_tensors_of_milliseconds() -> None:
    direct = Direct(Echo([column()]))
    for datatype in ("INT64", "UINT64", "FP64"):
        tensor = {"name": "when", "shape": [1], "datatype": datatype, "data": [1_709_294_400_000]}
        sent = Sent("/v2/infer", json.dumps({"inputs": [tensor]}).encode())
        assert "[1709294400000000]" in predictions(direct.answer(sent))[0]
    for datatype in ("FP32", "INT32", "BOOL"):
        sent = Sent("/v2/infer", json.dumps({"inputs": [tensor | {"datatype": datatype, "data": [True]}]}).encode())
        with pytest.raises(InputError):
            direct.answer(sent)


def test_missing_times_are_counted_and_refused_where_none_may_be() -> None:
    required = Column("when", "datetime", nullable=False, example="2024-03-01", time=Time("us"))
    assert "a date or time, as the model takes no missing value here, got null" in refusal(None, required)
    table = Table({"when": [None, "2024-03-01", float("nan")]}, 3, nowhere)
    assert Inputs([column()]).encode(table).missing == {"when": 2}


def test_an_instant_of_python_s_is_what_its_text_is() -> None:
    when = datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert moment(when.isoformat(), "us") == (int(when.timestamp()) * 10**6, 0)
    assert duration("P1D", "D") == 1
