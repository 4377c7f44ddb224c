"""Starting, stopping, reloading and dying: what the container does with signals and with the loss of a process."""

import http.client
import shutil
import time

import pytest

from tests.image.containers import Container, kill, serving, started
from tests.image.load import load


@pytest.mark.parametrize("signal", ["TERM", "WINCH"])
def test_a_stop_under_load_loses_no_request(signal: str, seed_request: bytes) -> None:
    with serving() as container:
        outcome = load(container, seed_request, 6000, at_half=lambda: container.signal(signal))
        assert outcome.failed == []
        assert outcome.answered >= 3000
        assert outcome.refused  # it did stop before all were sent
        assert container.exit_code(10) == 0
        logged = [line for line in container.requests() if line["path"] == "/predict"]
        assert len(logged) == outcome.answered


def test_a_stop_finishes_the_requests_on_kept_connections(seed_request: bytes) -> None:
    with serving() as container:
        connections = [http.client.HTTPConnection(container.address(), 5000, timeout=30) for _ in range(8)]
        for connection in connections:
            assert posted(connection, seed_request)[0] == 200
        container.signal("TERM")
        time.sleep(0.15)  # within the grace that image/drain.py gives to kept connections
        answers = [posted(connection, seed_request) for connection in connections]
        assert answers == [(200, "close")] * 8
        assert container.exit_code(10) == 0


def posted(connection: http.client.HTTPConnection, body: bytes) -> tuple[int, str | None]:
    """Status and Connection header."""
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("Connection")


def test_a_stop_waits_for_a_body_that_is_arriving(seed_request: bytes) -> None:
    with serving() as container:
        connection = http.client.HTTPConnection(container.address(), 5000, timeout=30)
        connection.putrequest("POST", "/predict")
        connection.putheader("Content-Length", str(len(seed_request)))
        connection.endheaders(seed_request[:100])
        time.sleep(0.2)
        container.signal("TERM")
        time.sleep(1.5)
        connection.send(seed_request[100:])
        assert connection.getresponse().read() == b'{"predictions":[" <=50K"]}'
        assert container.exit_code(10) == 0


def test_docker_stop_is_quick_and_clean() -> None:
    with serving() as container:
        start = time.monotonic()
        container.signal("TERM")
        assert container.exit_code(10) == 0
        assert time.monotonic() - start < 5
        assert "Traceback" not in container.log()


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.5, 0.6, 0.7])
def test_a_stop_while_it_starts(seconds: float) -> None:
    with started() as container:
        time.sleep(seconds)
        container.signal("TERM")
        assert container.exit_code(10) == 0
        assert "Traceback" not in container.log()


def test_a_killed_worker_is_replaced(seed_request: bytes) -> None:
    with serving("--env=WORKERS=2") as container:
        kill(workers(container, 2)[0])
        outcome = load(container, seed_request, 200)
        assert (outcome.answered, outcome.failed) == (200, [])
        assert len(workers(container, 2)) == 2
        assert container.state()["Running"]


def workers(container: Container, number: int) -> list[int]:
    """Gunicorn's workers, once there are so many: it forks them one after the other, with pauses."""
    end = time.monotonic() + 10
    while len(found := container.parent_and_children("gunicorn")[1]) != number:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def test_a_killed_child_of_apache_is_replaced(seed_request: bytes) -> None:
    with serving() as container:
        _, (child,) = container.parent_and_children("httpd")
        kill(child)
        container.wait_until_ready()
        assert container.predictions(seed_request) == [" <=50K"]
        assert container.parent_and_children("httpd")[1] != [child]


@pytest.mark.parametrize(("words", "name"), [("gunicorn", "Gunicorn"), ("httpd", "Apache")])
def test_the_container_ends_with_either_of_its_two_processes(words: str, name: str) -> None:
    with serving() as container:
        start = time.monotonic()
        kill(container.parent_and_children(words)[0])
        assert container.exit_code(10) == 1
        assert time.monotonic() - start < 2
        assert f"start: {name} was killed" in container.log()


def test_no_process_is_left_as_a_zombie() -> None:
    with serving("--health-interval=1s") as container:
        for _ in range(3):
            container.execute("sh", "-c", "sleep 0.01 & exec true")
        time.sleep(2)
        states = container.execute("ps", "-o", "stat,args").stdout
        assert not [line for line in states.splitlines() if line.startswith("Z")]


def test_a_reload_under_load_serves_the_new_model_and_loses_no_request(
    forest, linear, tmp_path, seed_request: bytes
) -> None:
    tmp_path.chmod(0o755)
    model = tmp_path / "model.onnx"
    shutil.copy(forest, model)
    model.chmod(0o644)
    with serving(f"--volume={tmp_path}:/model:ro") as container:

        def replace() -> None:
            shutil.copy(linear, tmp_path / "new")
            (tmp_path / "new").chmod(0o644)
            (tmp_path / "new").rename(model)
            container.signal("HUP")

        before = container.get("/predict").text
        outcome = load(container, seed_request, 2000, at_half=replace)
        assert (outcome.answered, outcome.failed) == (2000, [])
        container.wait_for_line("Serving adult", 2)
        after = container.get("/predict").text
        columns, proof = after.split("\nCompared")
        assert before.startswith(columns)
        assert not before.endswith(proof)
        assert container.state()["Running"]


def test_a_model_that_does_not_load_is_refused_and_the_old_one_serves_on(forest, tmp_path, seed_request: bytes) -> None:
    tmp_path.chmod(0o755)
    model = tmp_path / "model.onnx"
    shutil.copy(forest, model)
    model.chmod(0o644)
    with serving(f"--volume={tmp_path}:/model:ro") as container:
        model.write_bytes(forest.read_bytes()[:100_000])
        container.signal("HUP")
        container.wait_for_line("serve: nothing is reloaded: /model/model.onnx is no ONNX model", 1)
        assert load(container, seed_request, 100).answered == 100
        model.unlink()
        container.signal("HUP")
        container.wait_for_line("serve: nothing is reloaded: there is no model at /model/model.onnx", 1)
        assert load(container, seed_request, 100).answered == 100
        model.write_bytes(forest.read_bytes())
        model.chmod(0o644)
        container.signal("HUP")
        container.wait_for_line("Serving adult", 2)
        assert load(container, seed_request, 100).answered == 100


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("PORT=http", "serve: PORT is a whole number from 1 to 65535, not 'http'"),
        ("WORKERS=0", "serve: WORKERS is a whole number from 1 to 64, not '0'"),
        ("MAX_BODY=1M", "serve: MAX_BODY is a whole number from 1 to 1099511627776, not '1M'"),
        ("MODEL=/nowhere.onnx", "serve: there is no model at /nowhere.onnx: make one with alpenglow export"),
        ("MODEL=/app/start.sh", "serve: /app/start.sh is no ONNX model that this ONNX Runtime loads"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(setting: str, line: str) -> None:
    with started(f"--env={setting}") as container:
        assert container.exit_code(30) == 1
        (printed,) = container.log().splitlines()
        assert printed.startswith(line)


def test_another_model_can_be_mounted_over_the_one_inside(linear, seed_request: bytes) -> None:
    with serving(f"--volume={linear}:/model/model.onnx:ro") as container:
        assert container.predictions(seed_request) == [" <=50K"]


def test_a_read_only_container_needs_no_tmpfs(seed_request: bytes) -> None:
    with serving("--read-only", "--cap-drop=ALL", hardened=False) as container:
        assert container.predictions(seed_request) == [" <=50K"]


def test_any_user_will_do(seed_request: bytes) -> None:
    with serving("--user=12345:0") as container:
        assert container.predictions(seed_request) == [" <=50K"]


def test_another_port_inside(seed_request: bytes) -> None:
    with started("--env=PORT=8080", "--publish=127.0.0.1::8080", "--health-interval=1s") as container:
        container.wait_until_healthy()
