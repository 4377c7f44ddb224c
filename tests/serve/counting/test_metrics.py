"""What is counted: whichever worker counts, whichever answers, and whatever becomes of the worker."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from alpenglow._serve.counting.counters import SLOTS, Counters
from alpenglow._serve.counting.metrics import BOUNDS, METHODS, MOST_LABELS, OTHER, STATUSES, Metrics
from alpenglow._serve.process.settings import MOST_WORKERS
from alpenglow._serve.signature import Column, Signature
from tests.servers import PATIENCE, Server, gunicorn

ROUTES = ("/", "/predict", "/v2/models/{name}")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def signature(columns=("age", "job"), classes=("no", "yes"), **more) -> Signature:
    """Of a classifier of strings, whose columns all take strings."""
    there = [Column(name, "string", nullable=True, example="a", categories=["a", "b"]) for name in columns]
    return Signature("m", "1", "classification", there, {}, classes=classes and list(classes), **more)


def samples(text: str) -> Samples:
    """Values by the sample's name and labels, as Prometheus' own library reads them."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, /, **labels: str) -> float:
    """One of them; 0 if it is not shown."""
    return found.get((f"alpenglow_{name}", frozenset(labels.items())), 0)


def by(found: Samples, name: str, label: str) -> dict[str, float]:
    """All of a name that are not 0, by a label."""
    return {
        dict(labels)[label]: value
        for (metric, labels), value in found.items()
        if metric == f"alpenglow_{name}" and value
    }


slots = st.integers(0, SLOTS - 1)
methods = st.sampled_from([*METHODS, "DELETE", "WEBSOCKET"])
routes = st.sampled_from([*ROUTES, None, "/unlisted"])
statuses = st.sampled_from([*filter(lambda status: status != OTHER, STATUSES), 302, 599])
durations = st.sampled_from(BOUNDS) | st.floats(0, 100)


@given(st.lists(st.tuples(slots, methods, routes, statuses, durations), max_size=20))
def test_requests_of_all_workers_are_summed(sent) -> None:
    metrics = Metrics(signature(), ROUTES)
    answers = Counter[tuple[str, str, str]]()
    taken: dict[str, list[float]] = {}
    for slot, method, route, status, seconds in sent:
        metrics.use(slot)
        metrics.request(method, route, status, seconds)
        path = route if route in ROUTES else OTHER
        answers[path, method if method in METHODS else OTHER, str(status if status in STATUSES else OTHER)] += 1
        taken.setdefault(path, []).append(seconds)
    found = samples(metrics.text())
    shown = {
        tuple(dict(labels)[label] for label in ("path", "method", "status")): count
        for (name, labels), count in found.items()
        if name == "alpenglow_http_requests_total" and count
    }
    assert shown == answers
    assert set(by(found, "http_request_duration_seconds_count", "path")) == set(taken)
    for path, seconds in taken.items():
        assert value(found, "http_request_duration_seconds_count", path=path) == len(seconds)
        assert value(found, "http_request_duration_seconds_sum", path=path) == pytest.approx(sum(seconds))
        for bound in (*BOUNDS, float("inf")):
            le = "+Inf" if bound == float("inf") else str(bound)
            within = sum(second <= bound for second in seconds)
            assert value(found, "http_request_duration_seconds_bucket", path=path, le=le) == within


@given(st.lists(st.tuples(slots, st.lists(st.sampled_from(["no", "yes"]), min_size=1, max_size=5)), max_size=20))
def test_predictions_of_all_workers_are_summed_by_label(predictions) -> None:
    metrics = Metrics(signature(), ROUTES)
    for slot, labels in predictions:
        metrics.use(slot)
        metrics.predicted(len(labels), Counter(labels), {}, {})
    everything = Counter(label for _, labels in predictions for label in labels)
    found = samples(metrics.text())
    assert by(found, "predictions_total", "label") == everything
    assert value(found, "rows_total") == everything.total()


texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.text('\\"\n{},=# a'), min_size=1, unique=True)


@given(texts, texts, st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_in_a_label_comes_back(columns, classes, version) -> None:
    paths = [f"/{column}" for column in columns]
    metrics = Metrics(signature(columns, classes, data_sha256=version), paths)
    for column, path in zip(columns, paths, strict=True):
        metrics.predicted(0, {}, {column: 2}, {column: 3})
        metrics.request("GET", path, 200, 0.1)
    metrics.predicted(len(classes), Counter(classes), {}, {})
    found = samples(metrics.text())
    assert by(found, "missing_values_total", "column") == dict.fromkeys(columns, 2)
    assert by(found, "unknown_categories_total", "column") == dict.fromkeys(columns, 3)
    assert by(found, "predictions_total", "label") == dict.fromkeys(classes, 1)
    assert by(found, "http_request_duration_seconds_count", "path") == dict.fromkeys(paths, 1)
    assert by(found, "model_info", "task") == {"classification": 1}
    assert by(found, "model_info", "data_sha256") == {version: 1}


@pytest.mark.parametrize(
    ("classes", "shown"),
    [
        ([False, True], {"false", "true"}),
        ([-1, 0, 12345678901], {"-1", "0", "12345678901"}),
        ([0.0, 0.5, 1e16], {"0.0", "0.5", "1e16"}),
        ([" <=50K", "é"], {" <=50K", "é"}),
    ],
)
def test_labels_are_written_as_in_the_predictions(classes, shown) -> None:
    metrics = Metrics(signature(classes=classes), ROUTES)
    metrics.predicted(len(classes), Counter(classes), {}, {})
    assert by(samples(metrics.text()), "predictions_total", "label") == dict.fromkeys(shown, 1)


@pytest.mark.parametrize("classes", [None, range(MOST_LABELS + 1)])
def test_without_labels_or_with_too_many_only_rows_are_counted(classes) -> None:
    metrics = Metrics(signature(classes=classes), ROUTES)
    metrics.predicted(3, {} if classes is None else {0: 1, 1: 2}, {}, {})
    found = samples(metrics.text())
    assert value(found, "rows_total") == 3
    assert not by(found, "predictions_total", "label")


def test_what_can_be_foreseen_is_shown_as_0_before_it_happens() -> None:
    metrics = Metrics(signature(), ROUTES)
    found = samples(metrics.text())
    for name, labels in [
        ("rows_total", {}),
        ("predictions_total", {"label": "yes"}),
        ("missing_values_total", {"column": "age"}),
        ("unknown_categories_total", {"column": "job"}),
    ]:
        assert found[f"alpenglow_{name}", frozenset(labels.items())] == 0
    metrics.request("POST", "/predict", 422, 0.1)
    error = {"path": "/predict", "method": "POST", "status": "500"}
    assert samples(metrics.text())["alpenglow_http_requests_total", frozenset(error.items())] == 0


def test_each_metric_is_introduced_once_with_its_type_and_help() -> None:
    metrics = Metrics(signature(), ROUTES)
    metrics.request("POST", "/predict", 200, 0.1)
    families = list(text_string_to_metric_families(metrics.text()))
    assert len({family.name for family in families}) == len(families)
    assert {family.name.removeprefix("alpenglow_"): family.type for family in families} == {
        "http_requests": "counter",
        "http_request_duration_seconds": "histogram",
        "rows": "counter",
        "predictions": "counter",
        "missing_values": "counter",
        "unknown_categories": "counter",
        "model_info": "gauge",
        "start_time_seconds": "gauge",
        "process_resident_memory_bytes": "gauge",
        "process_proportional_memory_bytes": "gauge",
    }
    assert all(family.documentation.endswith(".") for family in families)


def test_the_model_is_named() -> None:
    found = samples(Metrics(signature(data_sha256="ab"), ROUTES).text())
    assert value(found, "model_info", name="m", version="1", task="classification", data_sha256="ab") == 1
    found = samples(Metrics(signature(), ROUTES).text())
    assert value(found, "model_info", name="m", version="1", task="classification") == 1


@contextmanager
def forked(slot: int, metrics: Metrics, *counts: int) -> Iterator[int]:
    """A worker that counts rows, so many at a time, and then lives until the end."""
    until, end = os.pipe()
    counted, done = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(end)
        metrics.use(slot)
        for count in counts:
            metrics.predicted(count, {}, {}, {})
        os.write(done, b".")
        os.read(until, 1)
        os._exit(0)
    os.close(until)
    os.read(counted, 1)
    try:
        yield pid
    finally:
        os.close(end)
        os.waitpid(pid, 0)
        os.close(counted)
        os.close(done)


def rows(metrics: Metrics) -> float:
    """Those of all workers."""
    return value(samples(metrics.text()), "rows_total")


def test_processes_that_count_at_once_lose_nothing() -> None:
    metrics = Metrics(signature(), ROUTES)
    workers = []
    for slot in range(8):
        pid = os.fork()
        if pid == 0:
            metrics.use(slot)
            for _ in range(5000):
                metrics.predicted(2, {"no": 1, "yes": 1}, {}, {})
            os._exit(0)
        workers.append(pid)
    seen = [rows(metrics) for _ in range(20)]
    assert all(os.waitpid(pid, 0)[1] == 0 for pid in workers)
    assert all(before <= after for before, after in pairwise(seen))
    assert rows(metrics) == 8 * 5000 * 2
    assert by(samples(metrics.text()), "predictions_total", "label") == {"no": 8 * 5000, "yes": 8 * 5000}


class Interrupted(float):
    """An amount that lets other threads run while it is added."""

    def __radd__(self, other: float) -> float:
        time.sleep(1e-4)
        return other + float(self)


def test_threads_that_count_at_once_lose_nothing() -> None:
    metrics = Metrics(signature(), ROUTES)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(200):
            pool.submit(metrics.request, "GET", "/", 200, Interrupted(0.5))
            pool.submit(
                metrics.predicted,
                Interrupted(1),
                {"yes": Interrupted(1)},
                {"age": Interrupted(2)},
                {"age": Interrupted(3)},
            )
    found = samples(metrics.text())
    assert value(found, "http_request_duration_seconds_sum", path="/") == 100
    assert value(found, "rows_total") == 200
    assert value(found, "missing_values_total", column="age") == 400
    assert value(found, "unknown_categories_total", column="age") == 600


def test_every_worker_sees_the_counts_of_all_and_of_those_before_it_in_its_slot() -> None:
    metrics = Metrics(signature(), ROUTES)
    with forked(0, metrics, 1), forked(1, metrics, 10):
        assert rows(metrics) == 11
    with forked(1, metrics, 100, 1000):
        assert rows(metrics) == 1111
    seen, answer = os.pipe()
    pid = os.fork()
    if pid == 0:
        metrics.use(0)
        os.write(answer, str(rows(metrics)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert float(os.read(seen, 100)) == 1111
    os.close(seen)
    os.close(answer)


def test_there_is_a_slot_for_every_worker_and_those_of_a_reload() -> None:
    counters = Counters(1)
    for slot in range(2 * MOST_WORKERS):
        counters.use(slot)
        counters.cells[0] += 1
    assert counters.slots.max() == 1
    counters.use(2 * MOST_WORKERS)
    counters.cells[0] += 1
    assert counters.totals() == [2 * MOST_WORKERS + 1]


def test_slots_that_nobody_used_take_no_memory() -> None:
    counters = Counters(100_000)
    before = shared()
    counters.use(3)
    counters.cells[0] += 1
    assert counters.totals()[0] == 1
    assert shared() - before < 3 * 8 * 100_000


def shared() -> int:
    """Bytes of shared memory that this process has touched."""
    with open("/proc/self/status", encoding="latin-1") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssShmem"))


def test_memory_is_that_of_the_master_and_its_living_workers() -> None:
    metrics = Metrics(signature(), ROUTES)
    with forked(0, metrics), forked(4, metrics):
        found = samples(metrics.text())
        resident = by(found, "process_resident_memory_bytes", "process")
        assert set(resident) == {"master", "worker 1", "worker 5"}
        assert all(1 << 20 < size < 1 << 34 for size in resident.values())
        kinds = {"anonymous", "file"}
        for process, size in resident.items():
            parts = [value(found, "process_proportional_memory_bytes", process=process, kind=kind) for kind in kinds]
            assert all(parts)
            assert sum(parts) < size
    assert set(by(samples(metrics.text()), "process_resident_memory_bytes", "process")) == {"master"}


def test_a_process_that_is_no_child_of_the_master_is_none_of_its_workers() -> None:
    metrics = Metrics(signature(), ROUTES)
    metrics.counters.pids[2] = 1  # a worker's process id, given again
    assert set(by(samples(metrics.text()), "process_resident_memory_bytes", "process")) == {"master"}


def test_a_process_id_that_is_given_again_to_a_worker_is_in_one_slot() -> None:
    counters = Counters(1)
    counters.use(5)
    counters.cells[0] += 1
    counters.use(2)
    assert counters.workers() == {os.getpid(): 2}
    assert counters.totals() == [1]


@pytest.fixture(scope="module")
def metered(artifacts, tmp_path_factory) -> Iterator[Server]:
    """A server whose requests are all those of this module."""
    with gunicorn(artifacts / "model.onnx", tmp_path_factory.mktemp("metered")) as running:
        yield running


def scrape(server: Server) -> Samples:
    """What it says over a new connection."""
    answer = server.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples(answer.text)


def growth(before: Samples, after: Samples, name: str, label: str) -> dict[str, float]:
    """What has been added since."""
    grown = Counter(by(after, name, label))
    grown.subtract(by(before, name, label))
    return {key: count for key, count in grown.items() if count}


def workers(server: Server) -> list[int]:
    """Process ids."""
    command = ["ps", "-o", "pid=", "--ppid", str(server.process.pid)]
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


def both(server: Server) -> list[int]:
    """Its two workers, of which the first already serves while the second is being forked."""
    wait_until(lambda: len(workers(server)) == 2)
    return workers(server)


@contextmanager
def only(server: Server, worker: int) -> Iterator[None]:
    """The other workers stand still."""
    others = [pid for pid in workers(server) if pid != worker]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)


def test_every_worker_tells_of_the_requests_of_all(metered, seed_request) -> None:
    before = scrape(metered)
    first, second = both(metered)
    for worker, times in [(first, 5), (second, 7)]:
        with only(metered, worker):
            for _ in range(times):
                metered.predictions(seed_request)
    for worker in (first, second):
        with only(metered, worker):
            after = scrape(metered)
        assert growth(before, after, "http_request_duration_seconds_count", "path")["/predict"] == 12
        assert value(after, "rows_total") - value(before, "rows_total") == 12


def test_requests_at_once_are_all_counted(metered, seed_request) -> None:
    before = scrape(metered)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(metered.predictions, [seed_request] * 400))
    after = scrape(metered)
    assert growth(before, after, "http_request_duration_seconds_count", "path")["/predict"] == 400
    assert growth(before, after, "predictions_total", "label") == {" <=50K": 400}


def test_requests_are_counted_by_path_method_and_status(metered, seed_request) -> None:
    model = metered.get("/model").json()["signature"]["name"]
    before = scrape(metered)
    metered.post(seed_request)
    metered.post(b"{")
    metered.post(b'{"columns": [], "data": []}')
    metered.post(seed_request, "/predict", **{"Content-Type": "image/png"})
    metered.post(seed_request, "/nowhere")
    metered.post(seed_request, "/")
    metered.get("/nowhere/at/all")
    metered.get(f"/v2/models/{model}")
    metered.get("/v2/models/another")
    requests.delete(metered.url, timeout=PATIENCE)
    requests.head(f"{metered.url}/health/live", timeout=PATIENCE)
    requests.request("WEBSOCKET", metered.url, timeout=PATIENCE)
    after = scrape(metered)
    grown = {
        tuple(dict(labels)[label] for label in ("path", "method", "status")): count - before.get((name, labels), 0)
        for (name, labels), count in after.items()
        if name == "alpenglow_http_requests_total"
    }
    assert {answer: count for answer, count in grown.items() if count} == {
        ("/predict", "POST", "200"): 1,
        ("/predict", "POST", "400"): 1,
        ("/predict", "POST", "422"): 1,
        ("/predict", "POST", "415"): 1,
        (OTHER, "POST", "404"): 1,
        ("/", "POST", "405"): 1,
        (OTHER, "GET", "404"): 1,
        ("/v2/models/{name}", "GET", "200"): 1,
        ("/v2/models/{name}", "GET", "404"): 1,
        ("/", OTHER, "405"): 1,
        ("/health/live", "HEAD", "200"): 1,
        (OTHER, OTHER, "400"): 1,
        ("/metrics", "GET", "200"): 1,
    }


def test_rows_and_labels_are_those_of_the_answers(metered, sample) -> None:
    table = sample.sample(3000, random_state=1)
    before = scrape(metered)
    given = metered.predictions(table.to_json(orient="split"))
    given += metered.predictions(table[:1].to_json(orient="split"))
    after = scrape(metered)
    assert growth(before, after, "predictions_total", "label") == Counter(given)
    assert value(after, "rows_total") - value(before, "rows_total") == 3001


def test_missing_and_unknown_values_are_counted_as_pandas_counts_them(metered, sample) -> None:
    random = np.random.default_rng(0)
    text = sample.select_dtypes(exclude="number").columns
    table = sample.sample(500, random_state=2)
    known = {name: set(sample[name]) for name in text}
    table[text] = table[text].mask(random.random(table[text].shape) < 0.05, " Martian")
    table = table.mask(random.random(table.shape) < 0.1, None)
    before = scrape(metered)
    metered.predictions(table.to_json(orient="split"))
    after = scrape(metered)
    missing = table.isna().sum()
    unknown = {name: int((table[name].notna() & ~table[name].isin(known[name])).sum()) for name in text}
    assert missing.min() > 0
    assert min(unknown.values()) > 0
    assert growth(before, after, "missing_values_total", "column") == missing.to_dict()
    assert growth(before, after, "unknown_categories_total", "column") == unknown


def test_refused_rows_are_not_counted(metered, sample) -> None:
    table = sample[:3].assign(age=["old", None, 3.0], workclass=[None, " Martian", " Private"])
    before = scrape(metered)
    assert metered.post(table.to_json(orient="split")).status_code == 422
    after = scrape(metered)
    for name in ("rows_total", "predictions_total", "missing_values_total", "unknown_categories_total"):
        assert {labels: after[key, labels] for key, labels in after if key == f"alpenglow_{name}"} == {
            labels: before[key, labels] for key, labels in before if key == f"alpenglow_{name}"
        }


def test_what_a_killed_worker_has_counted_remains(artifacts, tmp_path, seed_request) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path) as server:
        first, second = both(server)
        for worker in (first, second):
            with only(server, worker):
                server.predictions(seed_request)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(set(workers(server)) - {first}) == 2)
        (third,) = set(workers(server)) - {first, second}
        with only(server, third):
            server.predictions(seed_request)
            found = scrape(server)
        assert value(found, "rows_total") == 3
        assert value(found, "http_requests_total", path="/predict", method="POST", status="200") == 3
        shown = by(found, "process_resident_memory_bytes", "process")
        assert set(shown) == {"master", "worker 1", "worker 2"}


def test_a_reload_begins_anew(artifacts, tmp_path, seed_request) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path) as server:
        server.predictions(seed_request)
        before, old = scrape(server), both(server)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(workers(server)) == 2 and not set(workers(server)) & set(old))
        server.predictions(seed_request)
        after = scrape(server)
        assert value(after, "rows_total") == 1
        assert value(after, "start_time_seconds") > value(before, "start_time_seconds")
        wait_until(lambda: len(by(scrape(server), "process_resident_memory_bytes", "process")) == 3)


def wait_until(done: Callable[[], bool]) -> None:
    """Look again and again."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_is_answered_before_the_start_is_not_counted(artifacts, tmp_path) -> None:
    with gunicorn(artifacts / "model.onnx", tmp_path) as server:
        found = samples(server.get("/metrics").text)
        assert value(found, "rows_total") == 0
        assert not any("path" in dict(labels) and dict(labels)["path"] == "/predict" for _, labels in found)
