"""`make bench`: what a prediction costs beside what the stack and the model cost anyway.

Both sides of a ratio run in turn in one go, so that a machine that is slow for a while is slow for both.
"""

import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import joblib

from benchmarks.inputs import inputs
from benchmarks.load import requests_per_second
from benchmarks.stack import stack
from serve.model import load
from tests.servers import APACHE

MODEL = Path("artifacts/model.onnx").resolve()
ROUNDS = 5
SECONDS = 3
ROWS = 1000


def main() -> int:
    """Print a table of ratios with their budgets."""
    lacking = [name for name, found in (("wrk", shutil.which("wrk")), ("apache2", APACHE)) if not found]
    if lacking:
        print(f"bench: install {' and '.join(lacking)} first, such as from Debian's packages", file=sys.stderr)
        return 1
    sample = joblib.load("artifacts/sample.joblib")
    one, many = (sample.head(rows).to_json(orient="split").encode() for rows in (1, ROWS))
    with stack(MODEL) as predicting, stack(MODEL, "benchmarks.applications:constant()") as constant:
        report("one row, 16 connections, against a constant: requests/s", 0.85, *rates(predicting, constant, one, 16))
        report("one row, 1 connection, against a constant: requests/s", None, *rates(predicting, constant, one, 1))
        with stack(MODEL, "benchmarks.applications:session()") as session:
            bare = rates(predicting, session, one, 16)
        report("one row, 16 connections, against the session with made inputs: requests/s", None, *bare)
        with stack(MODEL, "benchmarks.applications:unmetered()") as unmetered:
            counted = rates(predicting, unmetered, one, 16, 3 * ROUNDS)  # for a difference that small
        report("one row, 16 connections, against the same without metrics: requests/s", 0.97, *counted)
        served = in_turn(lambda: ROWS * rate(predicting, many, 1), bare_rows_per_second(many))
        report(f"{ROWS:,} rows, 1 connection, against bare session.run: rows/s", 0.6, *served)
    return 0


def rate(address: str, body: bytes, connections: int) -> float:
    """Requests per second."""
    return requests_per_second(f"{address}/predict", body, connections, SECONDS)


def rates(
    ours: str, theirs: str, body: bytes, connections: int, rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Requests per second of both."""
    return in_turn(lambda: rate(ours, body, connections), lambda: rate(theirs, body, connections), rounds)


def in_turn(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Measure A B A B ..."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def bare_rows_per_second(body: bytes) -> Callable[[], float]:
    """A measurement of the session alone, one thread, on the same rows."""
    model = load(MODEL)
    rows = inputs(model, body)

    def measure() -> float:
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            model.session.run([model.answer], rows)
            calls += 1
        return calls * ROWS / (time.perf_counter() - start)

    return measure


def report(what: str, budget: float | None, ours: list[float], theirs: list[float]) -> None:
    """The median of the ratios of the pairs, and of both sides."""
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    wanted = "" if budget is None else f", budget {budget}"
    print(
        f"{what}: {statistics.median(ours):,.0f} / {statistics.median(theirs):,.0f} = {ratio:.2f}{wanted}", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
