"""A file scored batch by batch and written part by part: what is in hand at once has a bound."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

import msgspec

from alpenglow._score.files.batch import Batch, Format
from alpenglow._score.files.text import synced
from alpenglow._score.partial import Done, Partial
from alpenglow._score.progress import Bar
from alpenglow._score.rows import Scored, Scoring
from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.process.cgroup import limits

BATCHES = 8  # in a part
T = TypeVar("T")
S = TypeVar("S")


def fill(partial: Partial, form: Format, scoring: Scoring) -> None:
    """Score what is not yet scored, part by part."""
    bar, threads = Bar(), limits().cpus
    with ThreadPoolExecutor(threads) as pool:
        found = in_order(
            pool,
            lambda batch: scoring.score(batch.columns, batch.numbers),
            form.batches(partial.so_far.rows),
            threads + 1,
        )
        for batch, scored in found:
            write_part(partial, form, chain([(batch, scored)], islice(found, BATCHES - 1)), bar)
    bar.show(1.0, partial.so_far.rows, partial.so_far.aside, last=True)


def write_part(partial: Partial, form: Format, found: Iterable[tuple[Batch, Scored]], bar: Bar) -> None:
    """Write some batches, the answers to one file and what is set aside to another."""
    part, done = len(partial.done), partial.so_far
    writer = form.writer(partial.path(part, "rows"))
    with partial.path(part, "aside").open("wb") as aside:
        for batch, scored in found:
            writer.write(batch.kept, scored.fits, scored.answers)
            lines = [line for _, line in sorted(set_aside(form, batch, scored))]
            aside.writelines(lines)
            done = Done(batch.stop, done.aside + len(lines))
            bar.show(batch.share, done.rows, done.aside)
        writer.close()
        synced(aside)
    partial.commit(done)


def set_aside(form: Format, batch: Batch, scored: Scored) -> Iterator[tuple[int, bytes]]:
    """The rows of a batch that are not answered, each as a line of JSON after its number."""
    for number, unread in batch.unread.items():
        yield number, line(number, unread.error, unread.content)
    for place, error in zip((~scored.fits).nonzero()[0].tolist(), scored.faults, strict=True):
        yield batch.numbers[place], line(batch.numbers[place], error, form.row(batch.kept, place))


def line(number: int, error: InputError, content: Any) -> bytes:
    """A row that is set aside, with what is wrong with it."""
    errors = [Fault(fault.detail, column=fault.column) for fault in error.faults]
    return msgspec.json.encode({"row": number, "errors": errors, "input": content}, enc_hook=str) + b"\n"


def in_order(
    pool: ThreadPoolExecutor, function: Callable[[T], S], items: Iterable[T], most: int
) -> Iterator[tuple[T, S]]:
    """Items with what a function makes of them, some of them ahead in threads, and no more than that."""
    waiting: deque[tuple[T, Future[S]]] = deque()
    for item in items:
        waiting.append((item, pool.submit(function, item)))
        if len(waiting) == most:
            first, future = waiting.popleft()
            yield first, future.result()
    for item, future in waiting:
        yield item, future.result()
