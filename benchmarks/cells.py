"""One server in one round: start it, take every figure, end it."""

import http.client
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.arrangements import Place
from benchmarks.load import LoadError, mean, parsed, post, posting, sampled
from benchmarks.processes import Group, wait_until
from benchmarks.servers import Server
from docs import figures
from docs.figures import BESIDE, CONNECTIONS, MEMORY, ROWS, START
from tests.servers import free_port

PATIENCE = 120  # seconds until the first prediction
CHECKED = 1000  # rows whose predictions are compared


@dataclass
class Outcome:
    """Figures, and why those that are missing are."""

    figures: dict[str, float]
    faults: dict[str, str]

    def take(self, names: tuple[str, ...], measure: Callable[[], tuple[float, ...]]) -> None:
        """Keep what is measured under these names, or why it cannot be."""
        try:
            self.figures.update(zip(names, measure(), strict=True))
        except LoadError as error:
            self.faults.update(dict.fromkeys(names, str(error)))


class Running:
    """A server that has started, and how long it took until it had answered a row, in seconds."""

    def __init__(self, server: Server, place: Place, row: pd.DataFrame) -> None:
        self.form = server.form
        self.port = place.port
        self.group = Group(place.folder / "log")
        start = time.perf_counter()
        try:
            for command in server.commands(place):
                self.group.start(command)
                if socket := command.socket:
                    wait_until(socket.exists, self.group, PATIENCE)
            body = self.form.body(row)
            wait_until(lambda: self.answer(body) is not None, self.group, PATIENCE)
        except BaseException:
            self.group.stop()
            raise
        self.start = time.perf_counter() - start

    @property
    def url(self) -> str:
        """Where predictions are made."""
        return f"http://127.0.0.1:{self.port}{self.form.path}"

    def answer(self, body: bytes) -> list[Any] | None:
        """The predictions, if there are any."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", self.form.path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return self.form.predictions(json.loads(content)) if response.status == 200 else None


def measured(server: Server, artifacts: Path, sample: pd.DataFrame, labels: list[Any], seconds: int) -> Outcome:
    """All figures of one round; `labels` are the predictions of the sample's first rows.

    Raises:
        RuntimeError: It does not start, or predicts something else.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o777)  # Apache's children, which are nobody, write there
        running = Running(server, Place(free_port(), folder, artifacts), sample.head(1))
        try:
            if running.answer(running.form.body(sample.head(CHECKED))) != labels[:CHECKED]:
                raise RuntimeError(f"it predicts other labels for the first {CHECKED:,} rows")
            outcome = Outcome({START: running.start}, {})
            take_all(running, sample, seconds, outcome, server.beside)
            return outcome
        finally:
            running.group.stop()


def take_all(running: Running, sample: pd.DataFrame, seconds: int, outcome: Outcome, beside: bool) -> None:
    """Everything but the start; `beside` for what one row takes while large requests are in hand, too."""
    one, *large = (running.form.body(sample.head(rows)) for rows in (1, *ROWS))
    with suppress(LoadError):  # then it fails again below
        post(running.url, one, 16, 1)  # so that every worker has answered
    for connections in CONNECTIONS:
        running.group.settle()
        names = tuple(figure(connections) for figure in (figures.rate, figures.p50, figures.p99, figures.cpu))
        outcome.take(names, partial(one_row, running, one, connections, seconds))
    for rows, body in zip(ROWS, large, strict=True):
        running.group.settle()
        outcome.take((figures.bulk(rows),), partial(rows_per_second, running, body, rows, seconds))
    outcome.figures[MEMORY] = running.group.memory()
    if beside:
        outcome.take((BESIDE,), partial(beside_large, running.url, one, large[-1], seconds))


def one_row(running: Running, body: bytes, connections: int, seconds: int) -> tuple[float, ...]:
    """Requests per second, p50 and p99 in ms, µs of processor time for each request."""
    before = running.group.cpu()
    load = sampled(running.url, body, connections, seconds, running.group.settle)
    return load.rate, load.p50, load.p99, (running.group.cpu() - before) / load.requests * 1e6


def rows_per_second(running: Running, body: bytes, rows: int, seconds: int) -> tuple[float]:
    """Large requests over two connections."""
    return (rows * sampled(running.url, body, 2, seconds, running.group.settle).rate,)


def beside_large(url: str, one: bytes, large: bytes, seconds: int) -> tuple[float]:
    """The p99 of one row over 16 connections, in ms, while four others keep posting a large request; twice."""
    loads = []
    for _ in range(2):
        with posting(url, large, 4, seconds + 1) as others:
            time.sleep(0.5)
            loads.append(post(url, one, 16, seconds))
            parsed(others.communicate()[0])
    return (mean(loads).p99,)
