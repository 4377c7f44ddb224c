"""Whatever arrives at Gunicorn alone: each answer is true, and in the form that clients look for."""

import json
from pathlib import Path

import pytest
import requests

from tests.serve.raw import Answer, exchange
from tests.servers import Server, gunicorn_on_socket

HOST = b"Host: x\r\n"
CLOSE = HOST + b"Connection: close\r\n"
POST = b"POST /predict HTTP/1.1\r\n" + HOST
MEMBERS = {"title", "status", "detail", "error", "error_code", "message"}

REFUSED = {
    "no request line": (400, b"GET\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "HTTP/1.2": (400, b"GET / HTTP/1.2\r\n" + HOST + b"\r\n"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "bytes of TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "a bare line feed": (400, b"GET / HTTP/1.1\nHost: x\n\n"),
    "a method in small letters": (400, b"get / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no slash": (400, b"GET predict HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a byte beyond ASCII in the path": (400, b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no Host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "a blank before the colon": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X : a\r\n\r\n"),
    "a folded line": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n"),
    "a null byte": (400, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n"),
    "a long address": (414, b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a long line": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9000 + b"\r\n\r\n"),
    "many lines": (431, b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 60 + b"\r\n"),
    "a large header": (431, b"GET / HTTP/1.1\r\n" + HOST + (b"X: " + b"a" * 8000 + b"\r\n") * 3 + b"\r\n"),
    "CONNECT": (501, b"CONNECT x:80 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "length and chunks": (400, POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
    "a length that is no number": (400, POST + b"Content-Length: +3\r\n\r\nabc"),
    "a length beyond all bounds": (400, POST + b"Content-Length: 18446744073709551619\r\n\r\nabc"),
    "an unknown coding": (501, POST + b"Transfer-Encoding: foo, chunked\r\n\r\n0\r\n\r\n"),
    "a coding that is not undone": (501, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "no chunks at the end": (400, POST + b"Transfer-Encoding: gzip\r\n\r\n"),
    "chunks in HTTP/1.0": (400, POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a chunk's length that is no number": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
    "a chunk that goes on": (400, POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n"),
    "a chunk beyond all bounds": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
    "a length in the trailer": (
        400,
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_gets_a_problem_and_the_connection_ends(server: Server, name: str) -> None:
    status, content = REFUSED[name]
    (answer,) = exchange(server, content)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Connection"] == "close"
    problem = json.loads(answer.body)
    assert set(problem) == MEMBERS
    assert problem["status"] == status
    assert problem["detail"] == problem["error"] == problem["message"]


@pytest.mark.parametrize(
    "target", [b"*", b"/", b"http://elsewhere/predict", b"http://[/", b"http://", b"//", b"/?", b"/%00%ff%0a"]
)
@pytest.mark.parametrize("method", [b"OPTIONS", b"GET", b"HEAD", b"DELETE", b"TRACE", b"BREW", b"PRI"])
def test_no_target_and_no_method_is_a_failure_of_the_server(server: Server, method: bytes, target: bytes) -> None:
    refused = target == b"*" and method != b"OPTIONS"  # before the method is known
    request = method + b" " + target + b" HTTP/1.1\r\n" + CLOSE + b"\r\n"
    (answer,) = exchange(server, request, ["GET" if refused else method.decode()])
    assert answer.status < 500
    if answer.status >= 400 and answer.body:
        assert json.loads(answer.body)["status"] == answer.status


def test_a_whole_url_is_an_address_too(server: Server) -> None:
    (answer,) = exchange(server, b"GET http://elsewhere:1/health/live HTTP/1.1\r\n" + CLOSE + b"\r\n")
    assert (answer.status, answer.body) == (200, b"OK")
    (answer,) = exchange(server, b"OPTIONS * HTTP/1.1\r\n" + CLOSE + b"\r\n")
    assert (answer.status, answer.headers["Allow"]) == (200, "GET, HEAD, POST")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 39\r\n\r\nGET /metrics HTTP/1.1\r\nHost: within\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n27\r\nGET /metrics HTTP/1.1\r\nHost: within\r\n\r\n\r\n0\r\n\r\n",
    ],
)
def test_a_body_that_nobody_reads_is_no_request(server: Server, method: str, body: bytes) -> None:
    head = f"{method} /health/live HTTP/1.1\r\n".encode() + HOST
    answers = exchange(server, head + body + b"GET /ping HTTP/1.1\r\n" + CLOSE + b"\r\n", [method, "GET"])
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == (b"OK" if method == "GET" else b"")
    assert answers[1].body == b"\n"


def test_a_large_body_that_nobody_reads_does_not_hide_the_answer(server: Server) -> None:
    for path in ("/nowhere", "/health/live"):
        answer = requests.post(server.url + path, data=b"x" * (2 << 20), timeout=30)
        assert answer.status_code == {"/nowhere": 404}.get(path, 405)
        assert answer.json()["status"] == answer.status_code


def test_requests_in_a_row_are_answered_in_that_order(server: Server, seed_request: bytes) -> None:
    length = f"Content-Length: {len(seed_request)}\r\nContent-Type: application/json\r\n\r\n".encode()
    content = b"".join(
        [
            *[b"GET /ping HTTP/1.1\r\n" + HOST + b"\r\n", POST + length + seed_request],
            *[b"HEAD /predict HTTP/1.1\r\n" + HOST + b"\r\n", b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n"],
            b"GET /health/live HTTP/1.1\r\n" + CLOSE + b"\r\n",
        ]
    )
    answers = exchange(server, content, ["GET", "POST", "HEAD", "GET"])
    assert [answer.status for answer in answers] == [200, 200, 200, 404, 200]
    assert answers[1].body == b'{"predictions":[" <=50K"]}'
    assert answers[2].body == b""


def test_another_protocol_is_not_spoken(server: Server) -> None:
    for protocol in (b"websocket", b"h2c"):
        upgrade = HOST + b"Connection: Upgrade, close\r\nUpgrade: " + protocol + b"\r\n"
        (answer, *_) = exchange_until(server, b"GET /health/live HTTP/1.1\r\n" + upgrade + b"\r\n")
        assert (answer.status, answer.body) == (200, b"OK")


def exchange_until(server: Server, content: bytes) -> list[Answer]:
    """With a request behind it that ends the connection."""
    return exchange(server, content + b"GET /ping HTTP/1.1\r\n" + CLOSE + b"\r\n")


PROTOCOLS = {
    "/predict": {"title", "status", "detail"},
    "/invocations": {"error_code", "message"},
    "/v1/models/adult:predict": {"error"},
    "/v2/models/adult/infer": {"error"},
}


@pytest.mark.parametrize("path", PROTOCOLS)
def test_what_falcon_refuses_is_said_as_the_path_s_protocol_has_it(server: Server, path: str) -> None:
    json_type = {"Content-Type": "application/json"}
    asked = {
        404: requests.post(f"{server.url}{path}/nowhere", data=b"{}", headers=json_type, timeout=30),
        405: requests.delete(server.url + path, timeout=30),
        415: requests.post(server.url + path, data=b"{}", headers={"Content-Type": "image/png"}, timeout=30),
        413: requests.post(server.url + path, data=b" " * (17 << 20), headers=json_type, timeout=30),
        400: requests.post(server.url + path, data=b"{", headers=json_type, timeout=30),
    }
    for status, answer in asked.items():
        assert answer.status_code == status
        kind = "application/problem+json" if path == "/predict" else "application/json"
        assert answer.headers["Content-Type"] == kind
        assert PROTOCOLS[path] <= set(answer.json())


def test_a_fault_of_ours_is_a_500_in_that_form_and_a_traceback_on_standard_error(
    artifacts: Path, tmp_path: Path, seed_request: bytes
) -> None:
    socket = tmp_path / "gunicorn.sock"
    tensor = b'{"inputs": [{"name": "age", "shape": [1, 1], "datatype": "FP64", "data": [1]}]}'
    bodies = {
        "/predict": seed_request,
        "/invocations": b'{"dataframe_split": ' + seed_request + b"}",
        "/v1/models/adult:predict": b'{"instances": [[1]]}',
        "/v2/models/adult/infer": tensor,
    }
    with gunicorn_on_socket(artifacts / "model.onnx", socket, "tests.serve.failing:application()", WORKERS="1"):
        for path, body in bodies.items():
            head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            (answer,) = exchange(socket, head.encode() + CLOSE + b"\r\n" + body)
            assert answer.status in (500, 400), answer
            assert PROTOCOLS[path] <= set(json.loads(answer.body))
            if path == "/predict":
                assert answer.status == 500
                assert answer.headers["Content-Type"] == "application/problem+json"
    log = socket.with_suffix(".log").read_text()
    assert "RuntimeError: a fault" in log
