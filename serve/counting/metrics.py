"""What is counted of requests and predictions, and what `GET /metrics` says of it.

In prometheus-client's place: its mode for several processes takes a folder of files, 1.6 MB of memory, 340 kB of the
image with what it imports (http.server, wsgiref, gzip), and three times as long to count.
"""

import itertools
import os
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import falcon.asgi

from alpenglow._serve.counting.counters import Counters
from alpenglow._serve.counting.exposition import Labels, Observed, counter, gauge, histogram
from alpenglow._serve.process import processes
from alpenglow._serve.signature import Signature, spelled

OTHER = "other"
METHODS = ("GET", "HEAD", "POST", "OPTIONS", OTHER)
STATUSES = (200, 400, 401, 403, 404, 405, 406, 408, 411, 413, 415, 422, 431, 500, 503, OTHER)
# Shown as 0 before they happen, once a path has been asked with a method: no rate can be computed of a counter that
# begins with 1.
EXPECTED = (200, 500)
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
MOST_LABELS = 1000  # each is a time series to whoever collects them

# A path's counters: answers by method and status, answers by what they took, and what all of them took.
METHOD = {method: i * len(STATUSES) for i, method in enumerate(METHODS)}
STATUS = {status: i for i, status in enumerate(STATUSES)}
BUCKETS = len(METHODS) * len(STATUSES)
SECONDS = BUCKETS + len(BOUNDS) + 1
PATH = SECONDS + 1


class Metrics:
    """Counters for one model, shared by all workers: made before they are forked."""

    def __init__(self, signature: Signature, routes: Sequence[str]) -> None:
        """Begin with 0.

        Args:
            signature: The model's.
            routes: The URI templates of all paths.
        """
        self.signature = signature
        self.master = os.getpid()
        self.start = time.time()
        places = itertools.count()
        self.rows = next(places)
        self.labels = {label: next(places) for label in countable(signature)}
        self.missing_values = {column.name: next(places) for column in signature.columns}
        self.unknown_categories = {column.name: next(places) for column in signature.columns if column.categories}
        first = next(places)
        self.paths = {path: first + i * PATH for i, path in enumerate((*routes, OTHER))}
        self.counters = Counters(first + len(self.paths) * PATH)

    def use(self, slot: int) -> None:
        """Count in a worker; no other that lives has the same slot."""
        self.counters.use(slot)

    def forget(self) -> None:
        """Begin with 0 again, in this process."""
        self.counters.forget()

    def request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: As it was sent.
            route: The path's URI template; None if there is nothing at the path.
            status: The answer's.
            seconds: What the answer took.
        """
        path = self.paths.get(route or OTHER, self.paths[OTHER])
        answer = path + METHOD.get(method, METHOD[OTHER]) + STATUS.get(status, STATUS[OTHER])
        bucket = path + BUCKETS + bisect_left(BOUNDS, seconds)
        cells = self.counters.cells
        with self.counters.lock:
            cells[answer] += 1
            cells[bucket] += 1
            cells[path + SECONDS] += seconds

    def predicted(
        self, rows: int, labels: Mapping[Any, int], missing: Mapping[str, int], unknown: Mapping[str, int]
    ) -> None:
        """Count predictions.

        Args:
            rows: How many.
            labels: How many of them each label was predicted for, where there are classes; of several at once by the
                target's name and the label.
            missing: How many values of a column were missing.
            unknown: How many values of a column were none of its categories.
        """
        cells = self.counters.cells
        with self.counters.lock:
            cells[self.rows] += rows
            for label, n in labels.items():
                if label in self.labels:
                    cells[self.labels[label]] += n
            for column, n in missing.items():
                cells[self.missing_values[column]] += n
            for column, n in unknown.items():
                cells[self.unknown_categories[column]] += n

    def text(self) -> str:
        """All of it in Prometheus' text format."""
        totals = self.counters.totals()
        return "".join(itertools.chain(self.about_requests(totals), self.about_rows(totals), self.about_service()))

    def about_requests(self, totals: Sequence[float]) -> Iterator[str]:
        """What was asked."""
        yield from counter(
            "alpenglow_http_requests_total",
            "Requests that the application answered. What Apache or Gunicorn refuse themselves is not among them.",
            self.answers(totals),
        )
        yield from histogram(
            "alpenglow_http_request_duration_seconds",
            "Seconds from a request's head to its answer, with reading the body and without sending the answer.",
            BOUNDS,
            self.durations(totals),
        )

    def answers(self, totals: Sequence[float]) -> Iterator[tuple[Labels, float]]:
        """Requests by path, method and status."""
        for path, first in self.paths.items():
            for method, more in METHOD.items():
                found = totals[first + more : first + more + len(STATUSES)]
                if any(found):
                    for status, n in zip(STATUSES, found, strict=True):
                        if n or status in EXPECTED:
                            yield {"path": path, "method": method, "status": str(status)}, n

    def durations(self, totals: Sequence[float]) -> Iterator[tuple[Labels, Observed]]:
        """Seconds by path."""
        for path, first in self.paths.items():
            found = totals[first + BUCKETS : first + SECONDS]
            if any(found):
                yield {"path": path}, Observed(found, totals[first + SECONDS])

    def about_rows(self, totals: Sequence[float]) -> Iterator[str]:
        """What was predicted, and from what."""

        def by(label: str, places: Mapping[Any, int]) -> Iterator[tuple[Labels, float]]:
            return (({label: spelled(value)}, totals[place]) for value, place in places.items())

        yield from counter("alpenglow_rows_total", "Rows that were predicted.", [({}, totals[self.rows])])
        yield from counter(
            "alpenglow_predictions_total",
            f"Rows by predicted label, of models with at most {MOST_LABELS} labels.",
            ((by_label(label), totals[place]) for label, place in self.labels.items()),
        )
        yield from counter(
            "alpenglow_missing_values_total",
            "Values that were missing in predicted rows.",
            by("column", self.missing_values),
        )
        yield from counter(
            "alpenglow_unknown_categories_total",
            "Values in predicted rows that are none of the column's categories.",
            by("column", self.unknown_categories),
        )

    def about_service(self) -> Iterator[str]:
        """What serves."""
        model = {name: getattr(self.signature, name) for name in ("name", "version", "task", "data_sha256")}
        yield from gauge(
            "alpenglow_model_info",
            "The model; data_sha256 is that of its training data.",
            [({name: value for name, value in model.items() if value}, 1)],
        )
        yield from gauge(
            "alpenglow_start_time_seconds",
            "When the model was loaded and all counters began, in seconds since 1970.",
            [({}, self.start)],
        )
        memory = processes.memory(self.master, self.counters.workers())
        yield from gauge(
            "alpenglow_process_resident_memory_bytes",
            "What a process has in memory. Pages that processes share are counted in each of them.",
            (({"process": name}, found.resident) for name, found in memory.items()),
        )
        yield from gauge(
            "alpenglow_process_proportional_memory_bytes",
            "A process's part of the memory: a page that n processes share counts as an nth in each of them. "
            "Only what is from files can be pushed out when memory is short.",
            (
                ({"process": name, "kind": kind}, size)
                for name, found in memory.items()
                for kind, size in found.proportional.items()
            ),
        )


class Timing:
    """Middleware that counts requests; what Falcon's error handlers answer, too."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    async def process_response(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, resource: Any, succeeded: bool
    ) -> None:
        """Look at the clock; `app.Service` has when the request came."""
        self.metrics.request(req.method, req.uri_template, resp.status_code, time.perf_counter() - req.scope["came"])


def countable(signature: Signature) -> Sequence[Any]:
    """The labels that are counted one by one; of several at once each with its target's name."""
    labels: list[Any] = signature.classes or [
        (target.name, label) for target in signature.targets or () for label in target.classes
    ]
    return labels if len(labels) <= MOST_LABELS else []


def by_label(label: Any) -> Labels:
    """What a label's count is told by."""
    if isinstance(label, tuple):
        return {"target": label[0], "label": spelled(label[1])}
    return {"label": spelled(label)}
