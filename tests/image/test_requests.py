"""Requests through Apache in the container: what is answered, what is refused, what is logged."""

import re
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import joblib
import pytest
import requests

from tests.image.certificates import self_signed
from tests.image.containers import Container, serving, started

# The tests of the bare server whose subject is input; pytest finds them here, too, and they go through Apache.
from tests.serve.process.test_refusals import (  # noqa: F401
    refused,
    test_a_client_that_leaves_in_the_middle_breaks_nothing,
    test_another_content_type,
    test_another_method,
    test_another_path,
    test_bodies,
    test_broken_http_is_a_400_and_the_server_goes_on,
    test_twenty_faults_are_listed_and_all_are_counted,
    test_values,
)
from tests.serve.test_server import (  # noqa: F401
    test_a_body_in_chunks,
    test_columns_in_any_order_with_others_beside_them,
    test_get_predict_says_what_to_post,
    test_the_content_types_that_have_always_been_taken,
    test_the_seed_s_request_gets_the_seed_s_answer,
    test_what_the_plain_paths_answer,
)


def test_every_row_of_adult_as_scikit_learn_predicts_it(server, sample, artifacts) -> None:
    expected = joblib.load(artifacts / "pipeline.joblib").predict(sample).tolist()
    given = [
        label
        for start in range(0, len(sample), 10_000)
        for label in server.predictions(sample[start : start + 10_000].to_json(orient="split"))
    ]
    assert given == expected


def last_line(container: Container, **wanted: object) -> dict[str, object]:
    """The newest line of the log with these values; Apache writes it after the answer."""
    end = time.monotonic() + 10
    while True:
        for line in reversed(container.requests()):
            if wanted.items() <= line.items():
                return line
        assert time.monotonic() < end, f"no {wanted} in {container.log()}"
        time.sleep(0.1)


def test_a_request_is_one_line_of_json(server, seed_request) -> None:
    before = datetime.now(UTC)
    answer = server.post(seed_request)
    line = last_line(server, id=answer.headers["X-Request-ID"])
    assert set(line) == {
        "time",
        "id",
        "trace",
        "client",
        "method",
        "path",
        "complete",
        "status",
        "bytes",
        "duration_us",
    }
    assert (line["method"], line["path"], line["status"], line["bytes"]) == ("POST", "/predict", 200, 26)
    assert line["complete"] is True
    assert abs(datetime.fromisoformat(str(line["time"])) - before) < timedelta(seconds=5)
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", str(line["client"]))
    assert 0 < int(str(line["duration_us"])) < 5_000_000


def test_the_client_s_request_id_is_taken(server) -> None:
    answer = requests.get(f"{server.url}/", headers={"X-Request-ID": "order-66/a.b:c"}, timeout=30)
    assert answer.headers["X-Request-ID"] == "order-66/a.b:c"
    assert last_line(server, id="order-66/a.b:c")["path"] == "/"


@pytest.mark.parametrize("given", ['x"y', "a b", "x\\y", "", "x" * 129, "\xe9"])
def test_an_odd_request_id_is_replaced(server, given) -> None:
    answer = requests.get(f"{server.url}/", headers={"X-Request-ID": given.encode("latin-1")}, timeout=30)
    made = answer.headers["X-Request-ID"]
    assert made != given
    assert re.fullmatch(r"[A-Za-z0-9@_-]{20,40}", made)
    assert last_line(server, id=made)


@pytest.mark.parametrize(
    "start",
    [b'GET /"x\\y HTTP/1.1', b"GET /%22%0a%5c HTTP/1.1", b'G"T / HTTP/1.1', b"\x16\x03\x01\x02", b"GET /\xff HTTP/1.1"],
)
def test_whatever_is_sent_the_log_stays_json(server, start) -> None:
    exchange(server, start + b'\r\nHost: x\r\nX-Request-ID: "\x01\\\r\n\r\n')
    server.get("/health/live")
    assert [line for line in server.log().splitlines() if line.startswith("{")]
    assert last_line(server, path="/health/live")  # all lines were parsed on the way


def exchange(server: Container, request: bytes) -> bytes:
    """What the server answers to bytes as they are, until it closes the connection."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("path", ["/", "/predict", "/nowhere", "/" + "y" * 5000])
def test_answers_say_what_browsers_may_do_and_not_what_runs_here(server, path) -> None:
    answer = server.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Server"] == "Apache"
    assert ("X-Request-ID" in answer.headers) == (len(path) < 5000)  # it stopped reading before it made one
    assert not re.search(r"gunicorn|falcon|python|alpine|2\.4", str(answer.headers), re.IGNORECASE)


def test_any_host_will_do(server) -> None:
    answer = requests.get(f"{server.url}/health/live", headers={"Host": "models.example.org"}, timeout=30)
    assert answer.status_code == 200


def test_connections_are_kept(server, seed_request) -> None:
    with requests.Session() as session:
        ports = set()
        for _ in range(20):
            with session.post(f"{server.url}/predict", data=seed_request, timeout=30, stream=True) as answer:
                ports.add(answer.raw.connection.sock.getsockname()[1])
                assert answer.json() == {"predictions": [" <=50K"]}
    assert len(ports) == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_twenty_megabytes_are_too_much_and_harm_nobody(server, seed_request, chunked) -> None:
    body = (b" " * 100_000 for _ in range(200)) if chunked else b" " * 20_000_000
    refused(server.post(body), 413, "at most 16777216 bytes are taken: send the rows in smaller parts")
    assert server.predictions(seed_request) == [" <=50K"]


def test_the_limit_can_be_set(seed_request) -> None:
    with serving("--env=MAX_BODY=100000") as container:
        refused(container.post(b" " * 100_001), 413, "at most 100000 bytes are taken")
        assert container.predictions(b" " * (100_000 - len(seed_request)) + seed_request) == [" <=50K"]


def test_large_bodies_need_no_temporary_folder(seed_request) -> None:
    with serving("--read-only", "--tmpfs=/tmp:size=1m", hardened=False) as container:
        assert container.predictions(b" " * 3_000_000 + seed_request) == [" <=50K"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a self-signed certificate for localhost and its key."""
    folder = tmp_path_factory.mktemp("tls")
    self_signed(folder)
    folder.chmod(0o755)
    return folder


def test_with_a_certificate_it_speaks_tls(certificate, seed_request) -> None:
    options = (f"--volume={certificate}:/tls:ro", "--health-interval=1s")
    with serving(*options, scheme="https") as container:
        url = container.url.replace("127.0.0.1", "localhost")
        verify = str(certificate / "tls.crt")
        answer = requests.post(f"{url}/predict", data=seed_request, verify=verify, timeout=30)
        assert answer.json() == {"predictions": [" <=50K"]}
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        old = subprocess.run(
            ["openssl", "s_client", "-tls1_1", "-connect", container.url.removeprefix("https://")],
            input=b"",
            capture_output=True,
            check=False,
        )
        assert old.returncode != 0
        plain = requests.get(container.url.replace("https", "http"), timeout=30)
        assert plain.status_code == plain.json()["status"] == 400
        container.wait_until_healthy()


def test_without_a_certificate_it_is_healthy_too() -> None:
    with serving("--health-interval=1s") as container:
        container.wait_until_healthy()


def test_a_certificate_without_its_key_stops_the_start_with_one_line(certificate) -> None:
    with started(f"--volume={certificate}/tls.crt:/tls/tls.crt:ro") as container:
        assert container.exit_code(30) == 1
        assert container.log().splitlines() == [
            "start: for TLS /tls/tls.crt and /tls/tls.key are needed, and user 65534 cannot read /tls/tls.key"
        ]


def test_an_upgrade_is_not_passed_on_and_the_request_answered_as_it_is(server) -> None:
    upgrade = {"Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for protocol in ("websocket", "h2c"):
        answer = server.get("/health/live", headers={**upgrade, "Upgrade": protocol})
        assert (answer.status_code, answer.text) == (200, "OK")
