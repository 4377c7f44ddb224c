"""A token for predictions, over HTTP."""

import json

import pytest
import requests

from tests.commands import alpenglow
from tests.servers import gunicorn

TOKEN = "abc.DEF-123_~+/="
PREDICTING = ["/predict", "/invocations", "/v1/models/adult:predict", "/v2/models/adult/infer"]
OPEN = ["/", "/health", "/health/live", "/health/ready", "/ping", "/v2/health/live", "/v2/health/ready", "/metrics"]


@pytest.fixture(scope="module")
def guarded(artifacts, tmp_path_factory):
    """A server that wants a token."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "token").write_text(TOKEN + "\n")
    with gunicorn(artifacts / "model.onnx", folder, TOKEN_FILE=str(folder / "token")) as server:
        yield server


def post(server, path: str, body: bytes, **headers: str) -> requests.Response:
    return requests.post(server.url + path, data=body, headers=headers, timeout=30)


def test_whoever_has_the_token_gets_a_prediction(guarded, seed_request) -> None:
    for scheme in ("Bearer", "bearer"):
        answer = post(guarded, "/predict", seed_request, Authorization=f"{scheme} {TOKEN}")
        assert answer.content == b'{"predictions":[" <=50K"]}'


@pytest.mark.parametrize("path", PREDICTING)
@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, "Bearer"),
        ({"Authorization": ""}, "Bearer"),
        ({"Authorization": f"Basic {TOKEN}"}, "Bearer"),
        ({"Authorization": "Bearer"}, 'Bearer error="invalid_token"'),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 'Bearer error="invalid_token"'),
        ({"Authorization": f"Bearer {TOKEN} {TOKEN}"}, 'Bearer error="invalid_token"'),
        ({"Authorization": "Bearer \xe9\xff".encode("latin-1")}, 'Bearer error="invalid_token"'),
    ],
    ids=str,
)
def test_nobody_else_does_on_any_path(guarded, seed_request, path, headers, challenge) -> None:
    answer = requests.post(guarded.url + path, data=seed_request, headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == challenge
    assert "token" in json.dumps(answer.json())
    assert TOKEN not in answer.text


@pytest.mark.parametrize("path", OPEN)
def test_health_and_metrics_stay_open(guarded, path) -> None:
    assert guarded.get(path).status_code == 200


def test_the_model_s_description_says_that_a_token_is_wanted(guarded, server) -> None:
    assert guarded.get("/model").json()["serving"]["token"] is True
    assert server.get("/model").json()["serving"]["token"] is False


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "is a file with one token and nothing else"),
        (b"two words\n", "is a file with one token and nothing else"),
        ("é".encode(), "cannot be read"),
    ],
)
def test_a_file_without_a_token_stops_the_start_with_one_line(artifacts, tmp_path, content, message) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    done = alpenglow(
        "serve", check=False, MODEL=str(artifacts / "model.onnx"), TOKEN_FILE=str(tmp_path / "token"), PORT="1"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("serve: TOKEN_FILE is a file with")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
