"""Small hosts: what fits under a limit serves, what does not says so before the kernel ends it."""

import json

import pytest

from tests.image.containers import serving, started
from tests.image.load import load


def limit(mib: int) -> tuple[str, str]:
    """No more memory than that, and no swap."""
    return f"--memory={mib}m", f"--memory-swap={mib}m"


@pytest.mark.parametrize("mib", [64, 56])
@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_linear_and_boosted_models_serve_sixteen_clients(kind: str, mib: int, request, seed_request: bytes) -> None:
    model = request.getfixturevalue(kind)
    with serving(*limit(mib), "--env=WORKERS=2", f"--volume={model}:/model/model.onnx:ro") as container:
        outcome = load(container, seed_request, 2000)
        assert (outcome.answered, outcome.failed) == (2000, [])
        assert container.state()["OOMKilled"] is False


@pytest.mark.parametrize("mib", [96, 68])
def test_the_adult_forest_serves_sixteen_clients_with_two_workers(mib: int, seed_request: bytes) -> None:
    with serving(*limit(mib), "--env=WORKERS=2") as container:
        outcome = load(container, seed_request, 2000)
        assert (outcome.answered, outcome.failed) == (2000, [])
        assert container.state()["OOMKilled"] is False


def test_bodies_as_large_as_allowed_from_all_clients_fit_or_are_told_to_come_again(seed_request: bytes) -> None:
    row = json.loads(seed_request)["data"][0]
    request = json.dumps({"columns": json.loads(seed_request)["columns"], "data": [row] * 5200}).encode()
    assert 700_000 < len(request) < 3 << 18
    with serving(*limit(96)) as container:
        outcome = load(container, request, 40, clients=8)
        assert outcome.answered
        assert outcome.answered + len(outcome.failed) == 40
        assert all(failure.startswith("503 ") for failure in outcome.failed)
        assert load(container, request, 10, clients=1).answered == 10
        assert container.state()["OOMKilled"] is False


@pytest.mark.parametrize(
    ("mib", "line"),
    [
        (20, "serve: the memory limit of 20 MiB is too small: serving takes 42 MiB and what the model needs"),
        (46, "serve: /model/model.onnx needs more memory to load than there is: the limit is 46 MiB"),
        (54, "serve: /model/model.onnx needs more memory to load than there is: the limit is 54 MiB"),
    ],
)
def test_too_little_memory_is_said_in_one_line(mib: int, line: str) -> None:
    with started(*limit(mib)) as container:
        assert container.exit_code(30) == 1
        assert container.log().splitlines() == [line]
        assert container.state()["OOMKilled"] is False


def test_a_model_that_loads_but_leaves_no_room_for_a_worker_is_said(linear) -> None:
    with started(*limit(45), f"--volume={linear}:/model/model.onnx:ro") as container:
        assert container.exit_code(30) == 1
        (line,) = container.log().splitlines()
        assert line.startswith("serve: the memory limit of 45 MiB is too small: this model takes ")


def test_a_reload_that_does_not_fit_beside_the_old_model_is_refused(seed_request: bytes) -> None:
    with serving(*limit(66)) as container:
        container.signal("HUP")
        container.wait_for_line("serve: nothing is reloaded: /model/model.onnx needs more memory to load", 1)
        outcome = load(container, seed_request, 200)
        assert (outcome.answered, outcome.failed) == (200, [])
        assert container.state()["OOMKilled"] is False


def test_reloads_leave_nothing_behind(seed_request: bytes) -> None:
    with serving(*limit(160)) as container:
        for reload in range(2, 8):
            container.signal("HUP")
            container.wait_for_line("Serving adult", reload)
        outcome = load(container, seed_request, 200)
        assert (outcome.answered, outcome.failed) == (200, [])
        assert container.state()["OOMKilled"] is False


def test_workers_follow_the_processors_that_the_container_may_use(seed_request: bytes) -> None:
    with serving("--cpus=1") as container:
        assert len(container.parent_and_children("gunicorn")[1]) == 1
        assert container.predictions(seed_request) == [" <=50K"]
