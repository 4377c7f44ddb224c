"""What the front promises against slow, idle and many clients, and against whatever is no request."""

import contextlib
import json
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from alpenglow._serve.process.front import restart
from tests import servers
from tests.apache.clients import ask_again_and_again, held, trickle, whole
from tests.image.certificates import self_signed
from tests.servers import APACHE, WHOLE, Server, gunicorn_on_socket

pytestmark = pytest.mark.skipif(
    APACHE is None or WHOLE is None,
    reason="Apache or what compiles its module is missing: apt-get install apache2-dev gcc",
)
MANY = 200  # and Apache has 16 threads
LARGEST, PASSING = 1_000_000, 4_000_000  # tests/servers.py
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def front(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Apache with its module, two workers of Gunicorn behind it."""
    folder = tmp_path_factory.mktemp("front")
    for parent in folder.parents[:2]:
        parent.chmod(0o755)
    with (
        gunicorn_on_socket(artifacts / "model.onnx", folder / "gunicorn.sock", MAX_BODY=str(LARGEST)),
        servers.apache(folder) as server,
    ):
        yield server


def address(server: Server) -> tuple[str, int]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def post(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def raw(server: Server, request: bytes, end: bool = True) -> bytes:
    """What is answered to bytes as they are, until the connection ends."""
    with socket.create_connection(address(server), timeout=30) as connection:
        connection.sendall(request)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def serves(server: Server, seed_request: bytes) -> None:
    """Usual requests are answered, and quickly."""
    for _ in range(10):
        answer = requests.post(f"{server.url}/predict", data=seed_request, timeout=5)
        assert (answer.status_code, answer.json()) == (200, {"predictions": [" <=50K"]})


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /ping HT", b"GET /ping HTTP/1.1\r\nHost: x\r\nX: ", HEAD + b"Content-Length: 9000\r\n\r\n{"],
    ids=["nothing", "half a line", "half a header", "half a body"],
)
def test_more_slow_clients_than_threads_keep_nobody_waiting(front, seed_request, beginning) -> None:
    with held(address(front), MANY, beginning) as clients:
        for _ in range(3):
            if beginning:
                trickle(clients, b"a")
            serves(front, seed_request)


def test_a_request_in_pieces_of_a_byte_is_answered(front, seed_request) -> None:
    with held(address(front), 1) as (client,):
        for byte in post(seed_request):
            client.sendall(bytes([byte]))
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_requests_one_behind_the_other_are_answered_in_turn(front, seed_request) -> None:
    with held(address(front), 1, post(seed_request) * 3) as (client,):
        text = b""
        while text.count(b'{"predictions":[" <=50K"]}') < 3:
            text += client.recv(4096)
        assert text.count(b"HTTP/1.1 200 ") == 3


def test_a_body_in_chunks_is_read_however_it_is_cut(front, seed_request) -> None:
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in seed_request) + b"0\r\nTrailer: x\r\n\r\n"
    request = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    with held(address(front), 1) as (client,):
        for start in range(0, len(request), 100):
            client.sendall(request[start : start + 100])
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_who_asks_whether_to_send_the_body_is_told_so_once(front, seed_request) -> None:
    with held(address(front), 1) as (client,):
        client.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(seed_request))
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(seed_request)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_a_header_that_does_not_end_is_given_up_with_an_answer(front) -> None:
    start = time.monotonic()
    with held(address(front), 1, b"GET / HTTP/1.1\r\nHost: x\r\nX: ") as (client,):
        assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert 8 < time.monotonic() - start < 15


def test_a_body_that_trickles_is_given_up_with_an_answer(front) -> None:
    start = time.monotonic()
    with held(address(front), 1, HEAD + b"Content-Length: 100000\r\n\r\n{") as (client,):
        client.settimeout(0.5)
        answer = b""
        while not answer and time.monotonic() - start < 20:
            trickle([client], b" " * 100)
            with contextlib.suppress(TimeoutError):
                answer = client.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_large_bodies_are_held_up_to_a_total_and_others_are_told_to_come_again(front, seed_request) -> None:
    beginning = HEAD + b"Content-Length: %d\r\n\r\n" % 900_000 + b" " * 1000
    with held(address(front), PASSING // 900_000 + 3, beginning) as clients:
        time.sleep(0.5)
        answers = []
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                answers.append(client.recv(4096))
        assert len(answers) == 3
        for answer in answers:
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: " in answer
            assert b"\r\nConnection: close" in answer
        serves(front, seed_request)


def test_who_does_not_read_holds_nobody_up(front, seed_request) -> None:
    rows = json.loads(seed_request)
    body = json.dumps({**rows, "data": rows["data"] * 5000}).encode()
    request = post(body).replace(b"/predict", b"/predict?probabilities=true", 1)
    clients = []
    try:
        for _ in range(24):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(address(front))
            client.sendall(request)
            clients.append(client)
        time.sleep(3)
        serves(front, seed_request)
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize("number", [40, 400])
def test_more_clients_than_threads_lose_no_request(front, seed_request, number) -> None:
    found = ask_again_and_again(address(front), post(seed_request), number, 5)
    assert set(found) <= {"200", "503"}
    assert found["200"] > number


def test_after_all_of_that_large_bodies_and_large_answers_have_their_room_again(front, seed_request) -> None:
    rows = json.loads(seed_request)
    body = json.dumps({**rows, "data": rows["data"] * 5000}).encode()
    assert 500_000 < len(body) < LARGEST
    time.sleep(1)  # until Apache has seen that who has gone has gone
    barrier = threading.Barrier(PASSING // len(body))

    def ask() -> int:
        barrier.wait()
        answer = requests.post(f"{front.url}/predict?probabilities=true", data=body, timeout=60)
        return answer.status_code if len(answer.json()["predictions"]) == 5000 else 0

    with ThreadPoolExecutor(barrier.parties) as pool:
        asked = [pool.submit(ask) for _ in range(barrier.parties)]
        assert [one.result() for one in asked] == [200] * barrier.parties


def test_who_is_alone_is_answered_when_many_have_gone_at_once(front, seed_request) -> None:
    for _ in range(20):
        with held(address(front), MANY, b"GET /ping HT"):
            pass
        serves(front, seed_request)


@pytest.fixture(scope="module")
def secure(front: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another Apache before the same Gunicorn, which speaks TLS."""
    folder = tmp_path_factory.mktemp("secure")
    self_signed(folder)
    files = {"TLS_CERTIFICATE": str(folder / "tls.crt"), "TLS_KEY": str(folder / "tls.key")}
    with servers.apache(folder, "-DTLS", SOCKET=str(front.folder / "gunicorn.sock"), **files) as server:
        yield server


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def shaken(server: Server, step: int = 0) -> tuple[socket.socket, ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
    """A TLS connection; with `step` the client sends so many bytes at a time and waits in between."""
    arrived, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting().wrap_bio(arrived, leaving)
    connection = socket.create_connection(address(server), timeout=30)
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            send(connection, leaving.read(), step)
            arrived.write(connection.recv(65536))
        else:
            send(connection, leaving.read(), step)
            return connection, tls, arrived, leaving


def send(connection: socket.socket, data: bytes, step: int) -> None:
    for start in range(0, len(data), step or len(data) or 1):
        connection.sendall(data[start : start + (step or len(data))])
        time.sleep(0.002 if step else 0)


@pytest.mark.parametrize("step", [0, 1])
def test_with_tls_all_is_the_same_however_slowly_it_comes(secure, seed_request, step) -> None:
    connection, tls, arrived, leaving = shaken(secure, step)
    with connection:
        for _ in range(3):
            tls.write(post(seed_request))
            send(connection, leaving.read(), step)
            text = bytearray()
            while not whole(text):
                try:
                    text += tls.read(65536)
                except ssl.SSLWantReadError:
                    arrived.write(connection.recv(65536))
            assert text.startswith(b"HTTP/1.1 200 ")
            assert text.endswith(b'{"predictions":[" <=50K"]}')


def test_with_tls_large_bodies_and_large_answers_pass(secure, seed_request) -> None:
    rows = json.loads(seed_request)
    body = json.dumps({**rows, "data": rows["data"] * 5000}).encode()
    url = secure.url.replace("http:", "https:")
    with requests.Session() as session, warnings.catch_warnings(action="ignore"):
        for _ in range(3):
            answer = session.post(f"{url}/predict?probabilities=true", data=body, verify=False, timeout=30)
            assert answer.status_code == 200
            assert len(answer.json()["predictions"]) == 5000


def test_with_tls_who_does_not_shake_hands_holds_nobody_up(secure) -> None:
    url = secure.url.replace("http:", "https:")
    with held(address(secure), MANY), held(address(secure), MANY, b"\x16\x03\x01\x02\x00\x01"):
        for _ in range(3):
            with warnings.catch_warnings(action="ignore"):
                assert requests.get(f"{url}/ping", verify=False, timeout=5).status_code == 200


def test_a_restart_waits_for_who_has_just_come(secure, seed_request) -> None:
    """Nothing has been announced to them, so their connections end only after an answer, whatever they have sent."""
    request = post(seed_request)
    beginnings = [b"", request[:7], request[:-7]]
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(address(secure), timeout=30)) for _ in range(20)]
        greeted = []
        for number in range(21):
            connection = socket.create_connection(address(secure), timeout=30)
            greeted.append(stack.enter_context(trusting().wrap_socket(connection)))
            greeted[-1].sendall(beginnings[number % 3])
        time.sleep(0.2)
        assert restart(secure.folder)
        time.sleep(0.5)
        for connection in silent:
            greeted.append(stack.enter_context(trusting().wrap_socket(connection)))
        for number, connection in enumerate(greeted):
            connection.sendall(request[len(beginnings[number % 3]) if number < 21 else 0 :])
            text = b"".join(iter(lambda connection=connection: connection.recv(65536), b""))
            assert text.startswith(b"HTTP/1.1 200 "), number
            assert b"\r\nconnection: close\r\n" in text.lower()


LINES = b"".join(b"A%d: %b\r\n" % (number, b"b" * 2000) for number in range(12))
FORMS = {
    "HTTP/0.9": (b"GET /\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "no request": (b"\x16\x03\x01\r\n\r\n", 400),
    "60 lines": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 60 + b"\r\n", 400),
    "24 kB of header": (b"GET / HTTP/1.1\r\nHost: x\r\n" + LINES + b"\r\n", 431),
    "a slash inside": (b"GET /a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "expectation": (HEAD + b"Expect: wonders\r\nContent-Length: 1\r\n\r\nx", 417),
    "announced too large": (HEAD + b"Content-Length: 999999999999\r\n\r\n", 413),
    "chunk too large": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
    "no chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "another encoding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "broken off": (HEAD + b"Content-Length: 100\r\n\r\n{", 400),
    "the old page for bodies": (b"GET /too-large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
}


@pytest.mark.parametrize("name", FORMS)
def test_whatever_is_wrong_is_said_in_the_form_that_clients_read(front, name) -> None:
    request, status = FORMS[name]
    head, _, body = raw(front, request).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\ncontent-type: application/problem+json" in head.lower()
    problem = json.loads(body)
    assert (problem["status"], bool(problem["title"])) == (status, True)
    assert problem.get("detail") or problem["title"]


@pytest.mark.parametrize(
    "header",
    ["SCRIPT_NAME: /x", "PATH_INFO: /metrics", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Prefix: /x", "Proxy: http://y",
     "Forwarded: for=127.0.0.1", "X_Forwarded_For: 127.0.0.1", "Connection: Host, close"],
)  # fmt: skip
def test_no_header_changes_what_is_served(front, header) -> None:
    for path, status in (("/ping", 200), ("/x/ping", 404), ("/x/metrics", 404)):
        answer = raw(front, f"GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_every_line_of_the_log_is_json_whatever_the_path(front) -> None:
    for path in (b"/\xff", b"/%ff%00x", b'/a"b', b"/a\\b", b"/\xe4\xb8\xad", b"/%0a%0d", b"/" + b"y" * 4000, b"/'<>{}"):
        raw(front, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    raw(front, b"A\xffB / HTTP/1.1\r\nHost: x\r\n\r\n")
    lines = [line for line in front.output.read_bytes().splitlines() if line.startswith(b"{")]
    assert len(lines) > 8
    for line in lines:
        assert len(line) < 4096
        assert json.loads(line.decode("ascii"))["status"]
