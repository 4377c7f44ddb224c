"""The real Apache in front of the real Gunicorn."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import pytest
import requests

from tests import servers
from tests.commands import ROOT
from tests.servers import APACHE, Server, gunicorn_on_socket

pytestmark = pytest.mark.skipif(APACHE is None, reason="Debian's apache2 is not installed: apt-get install apache2")


@pytest.fixture(scope="module")
def apache(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Apache on a free port, two workers of Gunicorn behind it."""
    folder = tmp_path_factory.mktemp("apache")
    for parent in folder.parents[:2]:
        parent.chmod(0o755)  # Apache's child is nobody, and must get to the socket
    with (
        gunicorn_on_socket(artifacts / "model.onnx", folder / "gunicorn.sock", MAX_BODY="1000000"),
        servers.apache(folder) as server,
    ):
        yield server


def raw(server: Server, request: bytes) -> str:
    """What the server answers to bytes as they are."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_the_seed_s_request_gets_the_seed_s_answer(apache, seed_request) -> None:
    answer = apache.post(seed_request)
    assert (answer.status_code, answer.content) == (200, b'{"predictions":[" <=50K"]}')
    assert answer.headers["Content-Type"] == "application/json"


def test_the_plain_paths(apache) -> None:
    assert [apache.get(path).text for path in ("/", "/health/live", "/health/ready")] == [
        '{"status":"alive"}',
        "OK",
        "OK",
    ]


def test_thousands_of_rows(apache, sample, artifacts) -> None:
    rows = sample.head(5_000)
    answer = apache.post(rows.to_json(orient="split"))
    assert answer.json()["predictions"] == joblib.load(artifacts / "pipeline.joblib").predict(rows).tolist()


def test_connections_are_kept(apache, seed_request) -> None:
    with requests.Session() as session:
        for _ in range(20):
            answer = session.post(f"{apache.url}/predict", data=seed_request, timeout=30)
            assert answer.json() == {"predictions": [" <=50K"]}
            assert answer.headers.get("Connection", "keep-alive").lower() == "keep-alive"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'{"columns": ["age"], "data": [[1]]}', 422), (b" " * 2_000_000, 413)]
)
def test_the_application_s_refusals_come_through(apache, body, status) -> None:
    answer = apache.post(body)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nLong: " + "y" * 9000 + "\r\n\r\n", 400),
        ("GET /" + "y" * 9000 + " HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    ],
    ids=["no host", "bad header", "long header", "long address"],
)
def test_its_own_refusals_are_problems_too(apache, request_text, status) -> None:
    head, _, body = raw(apache, request_text.encode()).partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == status


def test_it_does_not_say_what_runs_here(apache) -> None:
    answer = raw(apache, b"GET /" + b"y" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "Server: Apache\r\n" in answer
    assert "Debian" not in answer


POLICY = "default-src 'none'; frame-ancestors 'none'"


def test_the_page_keeps_its_own_policy_and_all_else_has_the_strictest(apache) -> None:
    assert apache.get("/docs").headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    for path in ("/", "/model", "/nothing", "/docs/nothing"):
        assert apache.get(path).headers["Content-Security-Policy"] == POLICY
        assert apache.get(path).headers["X-Content-Type-Options"] == "nosniff"


def test_the_token_comes_through(apache, seed_request) -> None:
    answer = apache.post(seed_request, Authorization="Bearer something")
    assert answer.json() == {"predictions": [" <=50K"]}


def test_only_who_may_reads_the_metrics(apache, artifacts, tmp_path_factory) -> None:
    assert apache.get("/metrics").text.startswith("# HELP ")
    folder = tmp_path_factory.mktemp("closed")
    for parent in folder.parents[:2]:
        parent.chmod(0o755)
    with (
        gunicorn_on_socket(artifacts / "model.onnx", folder / "gunicorn.sock", WORKERS="1"),
        servers.apache(folder, METRICS_FROM="10.0.0.0/8 ::1") as closed,
    ):
        for path in ("/metrics", "/metrics/", "//metrics", "/./metrics", "/%6detrics", "/x/../metrics", "/metrics?a=b"):
            answer = raw(closed, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert answer.startswith("HTTP/1.1 403 "), path
            assert "Content-Type: application/problem+json" in answer
            assert "METRICS_FROM" in answer
        assert closed.get("/predict").status_code == 200


@pytest.mark.parametrize(("path", "member"), [("/v2/health/live", "error"), ("/ping", "message"), ("/", "detail")])
def test_its_own_refusals_have_what_each_protocol_s_clients_look_for(tmp_path_factory, path, member) -> None:
    with servers.apache(tmp_path_factory.mktemp("alone")) as server:
        assert "does not answer: send the request again" in server.get(path).json()[member]


def test_without_gunicorn_it_answers_503(tmp_path_factory) -> None:
    with servers.apache(tmp_path_factory.mktemp("alone")) as server:
        answer = server.get("/")
        assert (answer.status_code, answer.json()["status"]) == (503, 503)
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_its_configuration_has_no_fault() -> None:
    environment = servers.apache_environment(Path("/tmp"), "5000")
    done = subprocess.run(
        [str(APACHE), "-t", "-f", ROOT / "apache" / "httpd.conf"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "Syntax OK"


def test_slow_clients_hold_no_worker(apache, seed_request) -> None:
    host, port = apache.url.removeprefix("http://").split(":")
    body = b" " * 200_000 + seed_request
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    slow = [socket.create_connection((host, int(port)), timeout=30) for _ in range(8)]
    try:
        for connection in slow:
            connection.sendall(head + body[:-1])
        for _ in range(10):
            answer = requests.post(f"{apache.url}/predict", data=seed_request, timeout=5)
            assert answer.json() == {"predictions": [" <=50K"]}
        for connection in slow:
            connection.sendall(body[-1:])
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
    finally:
        for connection in slow:
            connection.close()


def test_a_reload_of_gunicorn_loses_no_request_on_the_connections_that_apache_keeps(
    artifacts, tmp_path_factory, seed_request
) -> None:
    folder = tmp_path_factory.mktemp("reloaded")
    for parent in folder.parents[:2]:
        parent.chmod(0o755)
    with (
        gunicorn_on_socket(artifacts / "model.onnx", folder / "gunicorn.sock") as process,
        servers.apache(folder) as server,
        ThreadPoolExecutor(8) as pool,
    ):
        stop = threading.Event()

        def ask(pause: float) -> tuple[int, int]:
            """How many requests were sent, and how many got the right answer."""
            sent = right = 0
            with requests.Session() as session:
                while not stop.is_set():
                    sent += 1
                    answer = session.post(f"{server.url}/predict", data=seed_request, timeout=30)
                    right += (answer.status_code, answer.content) == (200, b'{"predictions":[" <=50K"]}')
                    time.sleep(pause)
            return sent, right

        # Busy ones, and some that come when Apache or Gunicorn is about to give the connection up.
        clients = [pool.submit(ask, pause) for pause in (0, 0, 0, 0.01, 0.99, 1.01, 2.98, 3.01)]
        for _ in range(4):
            time.sleep(2)
            process.send_signal(signal.SIGHUP)
        time.sleep(4)
        stop.set()
        counts = [client.result() for client in clients]
    assert all(sent == right for sent, right in counts), counts
    assert sum(sent for sent, _ in counts) > 500
