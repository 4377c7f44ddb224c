"""What no server of its kind passes: a constant in place of the prediction, and the session without a server."""

import time
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.cells import Outcome
from benchmarks.load import sampled
from benchmarks.peers.onnx_model import Model
from benchmarks.stack import stack
from docs import figures
from docs.figures import CONNECTIONS

BARE_ROWS = (1, 1000)


def constant(model: Path, body: bytes, seconds: int) -> Outcome:
    """Apache, Gunicorn and Falcon read the same request and answer a constant: requests per second and latency."""
    outcome = Outcome({}, {})
    with stack(model, "benchmarks.applications:constant()") as address:
        for connections in CONNECTIONS:
            names = tuple(figure(connections) for figure in (figures.rate, figures.p50, figures.p99))
            outcome.take(names, partial(one_row, f"{address}/predict", body, connections, seconds))
    return outcome


def one_row(url: str, body: bytes, connections: int, seconds: int) -> tuple[float, ...]:
    """Requests per second, p50 and p99 in ms."""
    load = sampled(url, body, connections, seconds, settle=lambda: None)
    return load.rate, load.p50, load.p99


def session(model: Path, sample: pd.DataFrame, seconds: int) -> Outcome:
    """`session.run` in this process, one thread: calls with one row per second, and rows per second of 1,000."""
    bare = Model(str(model))
    one, many = (rate(bare, sample.head(rows), seconds) for rows in BARE_ROWS)
    return Outcome({figures.rate(1): one, figures.bulk(BARE_ROWS[1]): BARE_ROWS[1] * many}, {})


def rate(model: Model, table: pd.DataFrame, seconds: int) -> float:
    """Calls per second on these rows, whose tensors are made before."""
    feed = model.feed({str(name): table[name].tolist() for name in table})
    calls, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        model.session.run([model.answer], feed)
        calls += 1
    return calls / taken
