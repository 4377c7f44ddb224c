"""Clients that keep their connections and send one request after the other until the test has done what it does."""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.image.containers import Container


@dataclass(frozen=True)
class Request:
    """What is posted, and the statuses that may be answered."""

    body: bytes
    statuses: tuple[int, ...] = (200,)
    path: str = "/predict"
    type: str = "application/json"


@dataclass
class Outcome:
    """Answers by status, and what has failed. 503 is an answer if it says when to retry."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


@contextmanager
def steady(container: Container, requests: Sequence[Request], clients: int = 8) -> Iterator[Outcome]:
    """Load until the context ends."""
    outcome, over = Outcome(), threading.Event()
    address = container.address()
    threads = [
        threading.Thread(target=client, args=(address, requests, random.Random(seed), outcome, over))
        for seed in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        yield outcome
    finally:
        over.set()
        for thread in threads:
            thread.join()


def client(
    address: str, requests: Sequence[Request], choice: random.Random, outcome: Outcome, over: threading.Event
) -> None:
    """One of them; after a failure it connects anew."""
    connection = http.client.HTTPConnection(address, 5000, timeout=60)
    while not over.is_set():
        request = choice.choice(requests)
        try:
            with suppress(BrokenPipeError):  # it has answered, and does not read on
                connection.request("POST", request.path, request.body, {"Content-Type": request.type})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            outcome.failed.append(repr(error))
            connection.close()
            over.wait(0.1)
            continue
        outcome.statuses[answer.status] += 1
        announced = answer.status == 503 and answer.getheader("Retry-After")
        if answer.status not in request.statuses and not announced:
            outcome.failed.append(f"{answer.status} {text[:200]!r}")
    connection.close()


def mixed(seed_request: bytes) -> list[Request]:
    """One to 5,000 rows, in all formats, good and bad."""
    table: dict[str, Any] = json.loads(seed_request)
    names, row = table["columns"], table["data"][0]
    record = dict(zip(names, row, strict=True))
    line = ",".join(map(str, row)) + "\n"
    inputs = [
        {"name": name, "shape": [3], "datatype": "BYTES" if isinstance(value, str) else "FP64", "data": [value] * 3}
        for name, value in record.items()
    ]

    def split(rows: int) -> bytes:
        return json.dumps({"columns": names, "data": [row] * rows}).encode()

    return [
        *[Request(seed_request)] * 6,
        Request(split(100)),
        Request(split(5000), (200, 413)),
        Request(json.dumps([record] * 1000).encode()),
        Request((",".join(names) + "\n" + line * 2000).encode(), type="text/csv"),
        Request(json.dumps({"instances": [row] * 50}).encode(), path="/invocations"),
        Request(json.dumps({"inputs": inputs}).encode(), path="/v2/models/adult/infer"),
        Request(
            json.dumps({"inputs": {name: [value] * 300 for name, value in record.items()}}).encode(),
            path="/invocations",
        ),
        Request(b"[" * 20_000, (400,)),
        Request(b'{"columns":["age"],"data":[' + b"[]," * 30_000 + b"[]]}", (422,)),
        Request(b"[" + json.dumps(record | {"age": "x"}).encode() + b"]", (422,)),
    ]


def worst(size: int, seed_request: bytes) -> list[Request]:
    """Bodies of so many bytes that are made to cost."""
    names = json.loads(seed_request)["columns"]
    record = json.dumps(dict.fromkeys(names)).encode()

    def filled(head: bytes, unit: bytes, tail: bytes = b"") -> bytes:
        return head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail

    refused = (400, 413, 422)
    columns = json.dumps(names).encode()
    return [
        Request(filled(b'{"columns":%b,"data":[' % columns, b"[],", b"[]]}"), refused),
        Request(filled(b'{"columns":%b,"data":[[' % columns, b"0,", b"0]]}"), refused),
        Request(filled(b"[" + record + b",", b"{},", b"{}]"), refused),
        Request(filled(b'{"data":[[NaN,"', b'\\"'), refused),
        Request(filled(b"", b"[NaN],"), refused),
        Request(filled(",".join(names).encode() + b"\n", b"1\n"), refused, type="text/csv"),
        Request(filled(b'{"inputs":{"age":[', b"0,", b"0]}}"), refused, "/invocations"),
        Request(
            filled(b'{"inputs":[{"name":"age","datatype":"FP64","data":[1],"shape":[', b"99999999999,", b"1]}]}"),
            refused,
            "/v2/models/adult/infer",
        ),
    ]
