"""Bodies that nobody would write: each is answered or refused, in time, and equal tables have equal answers.

The environment variable FUZZ says how many are made of the valid ones.
"""

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.app import Service, create_app
from alpenglow._serve.errors import InputError, MalformedError, TooManyRowsError
from alpenglow._serve.formats.csv import MISSING as WORDS
from alpenglow._serve.model import load
from alpenglow._serve.process.cgroup import Limits
from alpenglow._serve.process.settings import from_environment
from alpenglow._serve.signature import MISSING, Column
from tests.serve.encodings import LENGTH_NAME, Direct, Echo, Sent, ask, encodings, predictions
from tests.serve.odd import odd_columns, small_pieces

BODIES = int(os.environ.get("FUZZ", "100000"))
SEED = 0 if "CI" in os.environ else random.randrange(1 << 30)
LONGEST = 1 << 14  # bytes of a body
COLUMNS = odd_columns(nullable_boolean=True)
ROWS = [
    [25, "Oslo", True, 1.5, "S"],
    [None, 'a "quoted\\ text', False, -2, "M"],
    [1e-3, "],[{},\u00e9\U0001f600", None, 1e6, "S"],
]
REFUSALS = (InputError, MalformedError, TooManyRowsError)
TOKENS = [
    *(b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"[]", b"{}", b'""', b"[[", b"]]", b"],[", b"},{", b" ", b"\n"),
    *(b"\r", b"\t", b"NaN", b"null", b"true", b"false", b"Infinity", b"-Infinity", b"nan", b"-0", b"1e400", b"1e-400"),
    *(b"0", b"1", b"12", b"9" * 19, b"9" * 400, b"18446744073709551616", b"-9223372036854775809", b"0.1", b"1.", b"01"),
    *(b"\\u0061", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\u0000", b"\\ufdd0", b"\\x", b"\x00", b"\x7f", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", "\ufdd0".encode(), "\U0001f600".encode(), b'"a":', b"//"),
    *(
        b'"columns":',
        b'"data":',
        b'"index":',
        b'"inputs":',
        b'"instances":',
        b'"dataframe_split":',
        b'"name":',
        b'"x":',
    ),
    *(
        b'"shape":',
        b'"datatype":',
        b'"parameters":',
        b'"binary_data_size":',
        b'"content_type":',
        b'"outputs":',
        b'"id":',
    ),
    *(b'"age"', b'"\\u0061ge"', b'"FP64"', b'"BYTES"', b'"BOOL"', b'"INT8"', b'"base64"', b'"label"', b"age", b"Oslo"),
    *(b'"age":1,', b'"x":12,"x":1,', b'"x":{"y":1,"y":2},', b'"\\ud800":1,', b'"x":[[[]]],', b"[" * 600, b"]" * 600),
    *(b"[" * 2000, b'{"a":' * 500, b"," * 50, b'"",' * 50, b"[]," * 50, b"{}," * 50, b"\xef\xbb\xbf" * 1100, b'""'),
]


class Mutations:
    """Makes bodies of valid ones."""

    def __init__(self, seed: str, valid: list[Sent]) -> None:
        self.random = random.Random(seed)
        self.valid = valid

    def __iter__(self) -> Iterator[Sent]:
        """Without an end."""
        means = [self.flip, self.insert, self.delete, self.cut, self.repeat, self.cross, self.spell, self.member]
        while True:
            sent = self.random.choice(self.valid)
            body = bytearray(sent.body)
            for _ in range(self.random.choice((1, 1, 1, 2, 3, 8))):
                self.random.choice(means)(body)
            yield self.headed(replace(sent, body=bytes(body[:LONGEST])))

    def headed(self, sent: Sent) -> Sent:
        """With a length of the JSON that may be true, if it has one."""
        if LENGTH_NAME not in sent.headers:
            return sent
        found = sent.body.rfind(b"]}") + 2
        length = self.random.choice((sent.headers[LENGTH_NAME], found, self.random.randint(0, len(sent.body))))
        return replace(sent, headers=sent.headers | {LENGTH_NAME: str(length)})

    def at(self, body: bytearray) -> int:
        return self.random.randint(0, len(body))

    def span(self, body: bytearray) -> slice:
        start = self.at(body)
        return slice(start, start + self.random.choice((1, 2, 4, 8, 30, 100)))

    def flip(self, body: bytearray) -> None:
        if body:
            body[self.at(body) - 1] ^= 1 << self.random.randrange(8)

    def insert(self, body: bytearray) -> None:
        """A token, anywhere or where a value or a member begins."""
        at = self.at(body)
        if self.random.random() < 0.5:
            at = body.find(self.random.choice((b"{", b"[", b",")), at) + 1
        body[at:at] = self.random.choice(TOKENS)

    def delete(self, body: bytearray) -> None:
        del body[self.span(body)]

    def cut(self, body: bytearray) -> None:
        if self.random.random() < 0.3:
            del body[self.at(body) :]

    def repeat(self, body: bytearray) -> None:
        span = self.span(body)
        body[span] = body[span] * self.random.choice((2, 3, 20, 100))

    def cross(self, body: bytearray) -> None:
        other = self.random.choice(self.valid).body
        start = self.random.randint(0, len(other))
        body[self.span(body)] = other[start : start + self.random.choice((1, 4, 30, 200))]

    def spell(self, body: bytearray) -> None:
        """A letter as an escape."""
        letters = [found.start() for found in re.finditer(rb"[a-z]", body)]
        if letters:
            at = self.random.choice(letters)
            body[at : at + 1] = b"\\u%04x" % body[at]

    def member(self, body: bytearray) -> None:
        """A member or a value, twice."""
        found = list(re.finditer(rb'("[^"]*": )?("[^"]*"|[-\d.e]+|\[[^\[\]]*\]|null|true|false), ', body))
        if found:
            chosen, place = self.random.choice(found), self.random.choice(found)
            body[place.start() : place.start()] = chosen[0]


def outcome(answer: Callable[[], bytes]) -> bytes | None:
    """The answer; None if it is refused. Whatever else is raised is a fault of ours."""
    with suppress(*REFUSALS):
        return answer()
    return None


def seconds(answer: Callable[[], bytes]) -> float:
    """What it takes of the processor."""
    begun = time.thread_time()
    outcome(answer)
    return time.thread_time() - begun


def ways(sent: Sent) -> list[Sent]:
    """The same written in other ways, and with what is ignored beside it."""
    if not sent.body.startswith((b"{", b"[")) or LENGTH_NAME in sent.headers:
        return [sent]
    bodies = [sent.body, sent.body.replace(b"null", b"NaN"), sent.body.replace(b": ", b"\t:\n").replace(b", ", b" ,")]
    if sent.body.startswith(b"{"):
        more = b'"x": {"y": [NaN, "NaN"]}, "\\u0069d": "z"'
        bodies += [b"{%b, %b" % (more, sent.body[1:]), b"%b, %b}" % (sent.body[:-1], more)]
    bodies += [b"\xef\xbb\xbf" + body for body in bodies]
    return [replace(sent, body=body) for body in bodies]


VALID = encodings(COLUMNS, ROWS)


@pytest.mark.parametrize("name", VALID)
def test_a_table_has_the_same_answer_with_what_is_ignored_beside_it(name) -> None:
    direct = Direct(Echo(COLUMNS))
    expected = predictions(direct.answer(VALID[name]))
    for sent in ways(VALID[name]):
        assert predictions(direct.answer(sent)) == expected, sent.body


TWICE = (
    (b'{"', b'{"x": 1, "x": 2222222222, "'),
    (b'{"', b'{"x": 12, "x": 1, "'),
    (b'{"', b'{"x": 1, "y": 1, "\\u0078": 1, "'),
    (b'"columns": [', b'"columns": ["a"], "columns": ['),
    (b'"data": [', b'"data": [], "data": ['),
    (b'"data": [', b'"\\u0064ata": [], "data": ['),
    (b'"age": ', b'"age": 1, "age": '),
    (b'"age": ', b'"\\u0061ge": NaN, "age": '),
    (b'"age": ', b'"x": 12, "x": 1, "age": 1, "age": '),
    (b'"instances": ', b'"instances": 1, "instances": '),
    (b'"inputs": ', b'"x": 12, "x": 1, "inputs": 1, "inputs": '),
    (b'"datatype": ', b'"datatype": "INT8", "datatype": '),
    (b'"dataframe_split": ', b'"dataframe_split": {}, "dataframe_split": '),
)


@pytest.mark.parametrize("name", [name for name, sent in VALID.items() if sent.body.startswith((b"{", b"["))])
@pytest.mark.parametrize(("text", "twice"), TWICE)
def test_a_member_that_is_given_twice_is_refused(name, text, twice) -> None:
    sent = VALID[name]
    if text not in sent.body:
        return
    direct, body = Direct(Echo(COLUMNS)), sent.body.replace(text, twice, 1)
    if LENGTH_NAME in sent.headers:
        length = int(sent.headers[LENGTH_NAME]) + len(body) - len(sent.body)
        sent = replace(sent, headers=sent.headers | {LENGTH_NAME: str(length)})
    for small in (False, True):
        with small_pieces(16, 2) if small else nullcontext(), pytest.raises(InputError, match="given more than once"):
            direct.answer(replace(sent, body=body))


@pytest.mark.parametrize("name", VALID)
def test_whatever_is_sent_is_answered_or_refused_in_time_and_the_same_in_any_pieces(name) -> None:
    direct, slowest = Direct(Echo(COLUMNS)), 0.0
    valid = [way for rows in (ROWS, ROWS[:1], ROWS * 4) for way in ways(encodings(COLUMNS, rows)[name])]
    answered = 0
    for n, sent in zip(range(BODIES // len(VALID)), Mutations(f"{SEED} {name}", valid), strict=False):
        note = f"seed {SEED}, body {n} of {name}: {sent}"
        strict = n % 5 == 0
        answer = partial(direct.answer, sent, strict)
        begun = time.thread_time()
        try:
            found = outcome(answer)
        except Exception as error:
            pytest.fail(f"{note}: {error!r}")
        took = time.thread_time() - begun
        most = 0.005 + 1e-6 * len(sent.body)
        if took > most:
            took = min(seconds(answer) for _ in range(3))
        assert took <= most, f"{took:.4f} s: {note}"
        slowest = max(slowest, took / most)
        if n % 2:
            with small_pieces(16, 2):
                try:
                    again = outcome(answer)
                except Exception as error:
                    pytest.fail(f"in small pieces, {note}: {error!r}")
            assert again == found, note
        answered += found is not None
    print(f"{name}: {answered} of {n + 1} answered; the slowest took {slowest:.2f} of what it may")
    assert answered


@pytest.fixture(scope="module")
def app(artifacts) -> Service:
    """With the Adult forest."""
    settings = from_environment({"MODEL": str(artifacts / "model.onnx")}, Limits(cpus=2, memory=1 << 30))
    return create_app(load(settings.model), settings)


def test_whatever_is_sent_over_http_has_an_answer(app, sample) -> None:
    columns = app.signature.columns
    rows = [[row[column.name] for column in columns] for row in sample.head(3).to_dict("records")]
    valid = list(encodings(columns, rows).values())
    for sent in valid:
        assert ask(app, sent)[0] == 200
    for n, sent in zip(range(BODIES // 50), Mutations(f"{SEED}", valid), strict=False):
        status, _ = ask(app, replace(sent, query="strict=true" if n % 5 == 0 else ""))
        assert status in {200, 400, 413, 422}, f"seed {SEED}, body {n}: {status} for {sent}"


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[MISSING, "\r"]), max_size=8)
readable = texts.filter(lambda text: text not in WORDS)  # CSV has no other way to write these
rows = st.tuples(
    st.none() | numbers,
    st.none() | st.sampled_from(["Oslo", "Rome", "],[", "},{", '","', "\\", '\\"', "NaN]", "\x00"]) | readable,
    st.none() | st.booleans(),
    st.floats(-10, 1e9) | st.integers(-10, 10**9),
    st.sampled_from("SM"),
)


@given(st.lists(rows, min_size=1, max_size=12))
def test_a_table_has_the_same_answer_however_it_is_written(rows: list[tuple[Any, ...]]) -> None:
    direct = Direct(Echo(COLUMNS))
    sent = encodings(COLUMNS, rows)
    answers = {name: predictions(direct.answer(each)) for name, each in sent.items()}
    assert len(answers["split"]) == len(rows)
    assert answers == dict.fromkeys(answers, answers["split"])
    with small_pieces(16, 2):
        assert {name: predictions(direct.answer(each)) for name, each in sent.items()} == answers


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=12), st.booleans())
def test_numbers_have_the_same_answer_as_a_matrix(rows: list[tuple[float, ...]], small: bool) -> None:
    three = [Column(name, "number", nullable=False, example=0.0) for name in "abc"]
    direct = Direct(Echo(three))
    sent = encodings(three, rows)
    flat = [float(value) for row in rows for value in row]
    head = f'{{"inputs":[{{"name":"x","shape":[{len(rows)},3],"datatype":"FP64","data":%s}}]}}'
    matrices = [Sent("/v2/infer", (head % data).encode()) for data in (flat, [list(map(float, row)) for row in rows])]
    expected = predictions(direct.answer(sent["split"]))
    for each in (*sent.values(), *matrices):
        if small:
            with small_pieces(16, 2):
                assert predictions(direct.answer(each)) == expected
        else:
            assert predictions(direct.answer(each)) == expected
