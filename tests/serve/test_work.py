"""Large bodies beside small ones, and bodies that do not come: over real sockets."""

import json
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from alpenglow._serve.work import SMALL
from tests.servers import Server, gunicorn


@pytest.fixture(scope="module")
def alone(artifacts, tmp_path_factory) -> Iterator[Server]:
    """One worker."""
    with gunicorn(
        artifacts / "model.onnx", tmp_path_factory.mktemp("alone"), WORKERS="1", MAX_BODY="4000000"
    ) as server:
        yield server


def connect(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def head(length: int | None) -> bytes:
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n".encode()


@pytest.mark.parametrize("padding", [0, 1, SMALL - 400, SMALL, SMALL + 1, 100_000, 1_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_of_all_sizes(alone, seed_request, padding, chunked) -> None:
    body = b" " * padding + seed_request
    pieces = (body[at : at + 9_999] for at in range(0, len(body), 9_999))
    answer = requests.post(f"{alone.url}/predict", data=pieces if chunked else body, timeout=30)
    assert answer.json() == {"predictions": [" <=50K"]}


@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_a_body_is_refused_and_the_next_request_answered(alone, seed_request, chunked) -> None:
    pieces = (b" " * 500_000 for _ in range(9))
    answer = requests.post(f"{alone.url}/predict", data=pieces if chunked else b"".join(pieces), timeout=30)
    assert (answer.status_code, answer.json()["detail"]) == (
        413,
        "at most 4000000 bytes are taken: send the rows in smaller parts",
    )
    assert alone.predictions(seed_request) == [" <=50K"]


def test_a_small_request_does_not_wait_for_a_large_one(alone, sample, seed_request) -> None:
    large = sample.head(10_000).to_json(orient="split").encode()
    took: list[float] = []

    def predict() -> None:
        start = time.perf_counter()
        assert len(alone.predictions(large)) == 10_000
        took.append(time.perf_counter() - start)

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    beside = []
    with requests.Session() as session:
        while any(thread.is_alive() for thread in threads):
            start = time.perf_counter()
            assert session.post(f"{alone.url}/predict", data=seed_request, timeout=30).status_code == 200
            beside.append(time.perf_counter() - start)
    for thread in threads:
        thread.join()
    # In turn behind the large ones, no more than one could have been answered for each of those.
    assert len(beside) > 3 * len(threads)
    assert statistics.median(beside) < min(took) / 3


def test_as_many_large_bodies_as_clients_send_are_all_answered(alone, sample) -> None:
    large = sample.head(20_000).to_json(orient="split").encode()
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(alone.predictions(large)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [20_000] * 6


@pytest.mark.parametrize("length", [1_000, 100_000, None], ids=["small", "large", "chunked"])
def test_a_client_that_goes_in_the_middle_is_no_request_and_no_harm(alone, seed_request, length) -> None:
    for _ in range(5):
        with closing(connect(alone)) as connection:
            connection.sendall(head(length) + (b"5\r\n12345\r\n" if length is None else b'{"columns"'))
    assert alone.predictions(seed_request) == [" <=50K"]
    assert "Traceback" not in alone.log()


def test_a_part_of_a_body_is_not_taken_for_all_of_it(alone, sample) -> None:
    table = sample.head(2).to_csv(index=False).encode()
    first, rest = table[:-5], table[-5:]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (first, rest))
    start = head(None).replace(b"application/json", b"text/csv")
    with closing(connect(alone)) as connection:
        connection.sendall(start + sent + b"0\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    before = rows(alone)
    with closing(connect(alone)) as connection:
        connection.sendall(start + sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
    assert not answer or json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408
    assert rows(alone) == before


def rows(server: Server) -> str:
    """How many have been predicted."""
    return next(line for line in server.get("/metrics").text.splitlines() if line.startswith("alpenglow_rows_total"))
