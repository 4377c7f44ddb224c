"""Replicas in a Swarm, as deploy/stack.yaml has them: they come, go, die and are replaced while clients ask them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands import run
from tests.image.containers import IMAGE, bridge, wait_until, with_model
from tests.image.node import node, reason_for_none
from tests.image.swarm import BALANCER, CLIENTS, PATIENCE, Stack, balancer, deployed, swarm
from tests.servers import HAPROXY
from tests.tampered import tampered

NEXT, BROKEN = "alpenglow-test-next", "alpenglow-test-broken"


def no_swarm() -> str | None:
    """Why none can be had here."""
    if HAPROXY is None:
        return "haproxy is not installed"
    info = run("docker", "info", "--format={{.Swarm.LocalNodeState}}", check=False).stdout.strip()
    return None if info == "inactive" else "this engine is in a Swarm already, or does not answer"


@pytest.fixture(scope="module")
def deployed_stack(docker: None) -> Iterator[Stack]:
    """Four replicas, for all tests."""
    reason = no_swarm()
    if reason:
        pytest.skip(reason)
    with swarm(str(bridge().ip)), balancer(), deployed(4) as stack:
        yield stack


@pytest.fixture
def stack(deployed_stack: Stack) -> Stack:
    """As it was at first."""
    deployed_stack.restored(IMAGE, 4)
    return deployed_stack


@pytest.fixture(scope="module")
def others(linear: Path, forest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The image with a new model, and with one that answers otherwise than was proved."""
    with ExitStack() as both:
        both.enter_context(with_model(linear, NEXT))
        both.enter_context(with_model(tampered(forest, tmp_path_factory.mktemp("broken") / "model.onnx"), BROKEN))
        yield


def test_every_replica_is_asked_and_has_no_more_rights_than_it_needs(stack: Stack, seed_request: bytes) -> None:
    assert [stack.predictions(seed_request) for _ in range(40)] == [[" <=50K"]] * 40
    for task in stack.tasks():
        wait_until(
            lambda one=task: any(line["path"] == "/predict" for line in one.requests()), "each was asked", PATIENCE
        )
        (found,) = json.loads(run("docker", "inspect", task.id).stdout)
        host = found["HostConfig"]
        assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (160 << 20, 10**9, 512)
        assert (host["ReadonlyRootfs"], host["CapDrop"], host["CapAdd"]) == (True, ["ALL"], None)
        assert found["Config"]["User"] == "65534:65534"
        assert "size=65536k" in task.execute("grep", " /tmp ", "/proc/mounts").stdout


def test_a_new_model_takes_the_old_one_s_place_and_no_request_fails(stack: Stack, others, seed_request: bytes) -> None:
    before = stack.answer(seed_request)
    with stack.asked(seed_request) as outcome:
        stack.update("--image", NEXT)
        stack.settle(4)
    after = stack.answer(seed_request)
    assert stack.state() == "completed"
    assert outcome.once == []
    assert after != before
    assert set(outcome.answers) == {before, after}


def test_an_image_that_answers_wrong_is_taken_back_and_no_request_fails(
    stack: Stack, others, seed_request: bytes
) -> None:
    before = stack.answer(seed_request)
    with stack.asked(seed_request) as outcome:
        stack.update("--image", BROKEN)
        stack.settle(4)
    assert stack.state() == "rollback_completed"
    assert stack.image().removesuffix(":latest") == IMAGE
    assert outcome.once == []
    assert set(outcome.answers) == {before}


def test_more_replicas_and_fewer_and_no_request_fails(stack: Stack, seed_request: bytes) -> None:
    with stack.asked(seed_request) as outcome:
        for replicas in (8, 2):
            stack.update("--replicas", str(replicas))
            stack.settle(replicas)
    assert outcome.once == []
    assert len(outcome.answers) == 1


def test_one_that_is_killed_is_replaced_and_what_it_had_in_hand_is_answered_at_the_second_try(
    stack: Stack, seed_request: bytes
) -> None:
    killed = stack.tasks()[1]
    with stack.asked(seed_request) as outcome:
        killed.signal("KILL")
        wait_until(lambda: killed.id not in {task.id for task in stack.tasks()}, "it is gone", PATIENCE)
        stack.settle(4)
    assert outcome.twice == []
    assert len(outcome.once) <= CLIENTS
    assert len(outcome.answers) == 1


@pytest.mark.skipif(reason_for_none() is not None, reason=str(reason_for_none()))
def test_a_node_is_drained_and_no_request_fails(stack: Stack, seed_request: bytes) -> None:
    with node(bridge()) as other:
        other.take(IMAGE, BALANCER)
        identity = other.join(str(bridge().ip))
        stack.restored(IMAGE, 2)
        stack.restored(IMAGE, 6)
        assert len(other.docker("ps", "--quiet", f"--filter=ancestor={IMAGE}").split()) >= 2
        with stack.asked(seed_request) as outcome:
            run("docker", "node", "update", "--availability=drain", identity)
            stack.settle(6)
        assert other.docker("ps", "--quiet") == ""
        assert len(stack.tasks()) == 6
    run("docker", "node", "rm", "--force", identity)
    assert outcome.once == []
    assert len(outcome.answers) == 1
