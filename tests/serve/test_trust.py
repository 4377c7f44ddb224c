"""What a client says of itself in a header changes nothing: not the path, not who may ask, not the answer."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import servers
from tests.serve.raw import Answer, exchange
from tests.servers import APACHE, Server, gunicorn, gunicorn_on_socket

# Each of them is believed by some server or framework, or would be taken for another one if `_` and `-` were the same.
CLAIMS = [
    *["SCRIPT_NAME: /x", "SCRIPT-NAME: /x", "PATH_INFO: /metrics", "PATH-INFO: /metrics", "REQUEST_URI: /metrics"],
    *["REMOTE_USER: root", "Remote-User: root", "REMOTE_ADDR: 127.0.0.1", "AUTHORIZATION_: Bearer secret"],
    *["HTTP_AUTHORIZATION: Bearer secret", "Proxy-Authorization: Bearer secret", "X_Authorization: Bearer secret"],
    *["X-Forwarded-For: 127.0.0.1", "X_Forwarded_For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Client-IP: 127.0.0.1"],
    *["X-Forwarded-Host: elsewhere", "X-Forwarded-Prefix: /x", "X-Forwarded-Port: 1", "X-Forwarded-Server: elsewhere"],
    *["X-Forwarded-Proto: https", "X-Forwarded-Protocol: ssl", "X-Forwarded-Ssl: on", "X-Scheme: https"],
    *["Forwarded: for=127.0.0.1;proto=https;host=elsewhere", "Via: 1.1 elsewhere", "Proxy: http://elsewhere"],
    *["X-Original-URL: /metrics", "X-Rewrite-URL: /metrics", "X-HTTP-Method-Override: POST", "X-Method: POST"],
    *["Connection: Authorization", "Connection: Content-Type, Content-Length, Host", "Connection: X-Request-ID"],
    *["Content_Length: 5", "Transfer_Encoding: chunked", "Content_Type: text/csv", "Root-Path: /x", "Root_Path: /x"],
]
REQUESTS = {
    "the path": ("GET", "/x/metrics", 404),
    "another path": ("GET", "/health/live", 200),
    "the token": ("POST", "/predict", 401),
    "the method": ("GET", "/predict", 200),
}


@pytest.fixture(scope="module")
def places(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server | Path]]:
    """Gunicorn on a port and on a Unix socket, and Apache before that, all with a token; /metrics is for nobody."""
    folder = tmp_path_factory.mktemp("trust")
    for parent in folder.parents[:2]:
        parent.chmod(0o755)  # Apache's child is nobody, and must get to the socket
    token = folder / "token"
    token.write_text("secret\n")
    model = artifacts / "model.onnx"
    with ExitStack() as stack:
        socket = folder / "gunicorn.sock"
        stack.enter_context(gunicorn_on_socket(model, socket, TOKEN_FILE=str(token), WORKERS="1"))
        found: dict[str, Server | Path] = {
            "port": stack.enter_context(gunicorn(model, folder, TOKEN_FILE=str(token), WORKERS="1")),
            "socket": socket,
        }
        if APACHE:
            found["Apache"] = stack.enter_context(servers.apache(folder, METRICS_FROM="10.255.255.255"))
        yield found


def asked(place: Server | Path, method: str, path: str, claim: str = "X-Nothing: at all") -> Answer:
    """The answer, without what differs between any two."""
    body = "{}" if method == "POST" else ""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\n{length}{claim}\r\nConnection: close\r\n\r\n{body}"
    (answer,) = exchange(place, request.encode(), [method])
    return answer


@pytest.mark.parametrize("name", ["port", "socket", "Apache"])
@pytest.mark.parametrize("what", REQUESTS)
def test_no_claim_changes_an_answer(places: dict[str, Server | Path], name: str, what: str) -> None:
    if name not in places:
        pytest.skip("Debian's apache2 is not installed: apt-get install apache2")
    method, path, status = REQUESTS[what]
    usual = asked(places[name], method, path)
    assert usual.status == status
    for claim in CLAIMS:
        answer = asked(places[name], method, path, claim)
        assert (claim, answer.status, answer.body) == (claim, usual.status, usual.body)


def test_no_claim_opens_metrics(places: dict[str, Server | Path]) -> None:
    if "Apache" not in places:
        pytest.skip("Debian's apache2 is not installed: apt-get install apache2")
    for claim in CLAIMS:
        for path in ("/metrics", "/metrics/", "/metrics?x", "//metrics", "/x/../metrics", "/%6detrics"):
            answer = asked(places["Apache"], "GET", path, claim)
            assert answer.status in (403, 404), (claim, path)
            assert b"# HELP" not in answer.body
