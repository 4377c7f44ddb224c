"""The worst body of a size costs little more than a valid one: neither time nor memory has a product in it."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest

from alpenglow._serve.errors import InputError, MalformedError, TooManyRowsError
from alpenglow._serve.model import Model, load
from alpenglow._serve.process.settings import growth
from tests.commands import python
from tests.serve.encodings import Constant, Direct
from tests.serve.hostile import DECODERS, MISSING, VALID
from tests.serve.wide import CITIES, NARROW, STRICT, WIDE

SIZE = 400_000  # bytes of a body whose time is taken
SIZES = (100_000, 1_000_000, 4_000_000)
NOISE = 0.005  # seconds


def once(answer: Callable[[], bytes]) -> float:
    """Seconds of the processor's that one request takes."""
    begun = time.thread_time()
    with suppress(InputError, MalformedError, TooManyRowsError):
        answer()
    return time.thread_time() - begun


def best(answer: Callable[[], bytes]) -> float:
    """The least of three."""
    return min(once(answer) for _ in range(3))


def ratio(answer: Callable[[], bytes], reference: Callable[[], bytes], before: float, most: float) -> float:
    """How many times as long as the reference, which took so long before, it takes; best of three if that is much."""
    took = once(answer)
    if took > most * before:
        took, before = best(answer), best(reference)
    return max(0.0, took - NOISE) / before


@pytest.fixture(autouse=True, scope="module")
def settled() -> Iterator[None]:
    """As in a worker, collections look at what requests make alone."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def model(artifacts) -> Model:
    """The Adult forest."""
    return load(artifacts / "model.onnx")


@pytest.mark.parametrize("decoder", DECODERS)
def test_the_worst_body_takes_no_longer_than_three_valid_ones_and_twice_as_much_twice_as_long(decoder, model) -> None:
    columns = model.signature.columns
    direct = Direct(model)
    found, twice = (DECODERS[decoder](columns, [c.example for c in columns], n) for n in (SIZE, 2 * SIZE))
    answers = {name: partial(direct.answer, sent, strict=True) for name, sent in found.items()}
    took = {name: best(answers[name]) for name in answers.keys() & {VALID, MISSING}}
    valid = max(took, key=lambda name: took[name])
    slow = []
    for name, answer in answers.items():
        of_valid = ratio(answer, answers[valid], took[valid], 3)
        of_half = ratio(partial(direct.answer, twice[name], strict=True), answer, once(answer), 2.5)
        print(f"{decoder}, {name}: {of_valid:.2f} of {1000 * took[valid]:.0f} ms; twice that {of_half:.2f}")
        if of_valid > 3 or of_half > 2.5:
            slow.append((name, round(of_valid, 2), round(of_half, 2)))
    assert not slow


@pytest.mark.parametrize("decoder", DECODERS)
def test_five_thousand_categories_take_no_longer_than_three_times_two(decoder) -> None:
    wide, narrow = (partial(Direct(Constant(columns)).answer, strict=True) for columns in (WIDE, NARROW))
    found = DECODERS[decoder](WIDE, [CITIES[-1], 1.5], SIZE)
    took = {}
    for name in found.keys() & STRICT:
        reference = partial(narrow, found[name])
        took[name] = ratio(partial(wide, found[name]), reference, best(reference), 3)
    assert max(took.values()) <= 3, took


def test_no_body_grows_a_worker_by_more_than_is_reserved_for_it(artifacts) -> None:
    done = python("-m", "tests.serve.growing", artifacts / "model.onnx", *SIZES)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > 600
    found.sort(key=lambda case: -case["growth"] / growth(case["bytes"], case["wide"]))
    for case in found:
        case["of"] = case["growth"] / growth(case["bytes"], case["wide"])
        print("{of:6.2f} {growth:13,} of {bytes:9,} {seconds:7.3f} s {status} {decoder}, {body}".format(**case))
    assert not [case for case in found if case["of"] > 1]
    assert not [case for case in found if case["status"] >= 500]
