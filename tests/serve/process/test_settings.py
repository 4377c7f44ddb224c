"""Environment variables, and what follows where they are unset."""

import re
from pathlib import Path

import pytest

from alpenglow._serve.process.cgroup import Limits
from alpenglow._serve.process.settings import (
    LEAST_BODY,
    MIB,
    SettingsError,
    default_workers,
    for_apache,
    from_environment,
)
from tests.commands import python

BIG = Limits(cpus=4, memory=8 << 30)


def test_the_defaults_follow_the_machine() -> None:
    settings = from_environment({}, BIG)
    assert settings.bind == "127.0.0.1:5000"
    assert settings.address == "http://127.0.0.1:5000"
    assert settings.workers is None
    assert settings.model == Path("artifacts/model.onnx")
    assert (settings.max_body, settings.max_answer) == (16 * MIB, 16 * MIB)
    assert settings.passing >= 2 * settings.max_body


def test_an_answer_may_have_a_megabyte_however_small_bodies_are() -> None:
    assert from_environment({"MAX_BODY": "1000"}, BIG).max_answer == MIB


@pytest.mark.parametrize(("memory", "workers"), [(78, 1), (91, 2), (103, 3), (160, 4), (8000, 4)])
def test_as_many_workers_as_processors_if_they_fit_beside_the_model(memory: int, workers: int) -> None:
    assert default_workers(Limits(cpus=4, memory=memory * MIB), loaded=48 * MIB, max_body=MIB // 2) == workers


def test_no_room_for_a_worker_is_said() -> None:
    with pytest.raises(SettingsError, match="limit of 65 MiB is too small: this model takes 66 MiB to serve"):
        default_workers(Limits(cpus=4, memory=65 * MIB), loaded=48 * MIB, max_body=MIB // 2)


def test_too_little_memory_for_anything_is_said() -> None:
    with pytest.raises(SettingsError, match="limit of 41 MiB is too small: serving takes 42 MiB"):
        from_environment({}, Limits(cpus=1, memory=42 * MIB - 1))


@pytest.mark.parametrize("memory", [42, 64, 96])
def test_little_memory_means_small_bodies_and_few_threads(memory: int) -> None:
    settings = from_environment({}, Limits(cpus=4, memory=memory * MIB))
    assert (settings.max_body <= MIB, settings.threads <= 32) == (True, True)
    assert settings.max_body >= LEAST_BODY


@pytest.mark.parametrize("descriptors", [64, 160, 1024, 4096, 1 << 20])
@pytest.mark.parametrize("memory", [64, 1024, 65536])
def test_apache_never_needs_more_descriptors_than_there_are(memory: int, descriptors: int) -> None:
    limits = Limits(cpus=2, memory=memory * MIB, descriptors=descriptors)
    variables = for_apache(from_environment({}, limits), limits)
    threads, connections = variables["THREADS"], variables["THREADS"] * (variables["PER_THREAD"] + 1)
    assert threads >= 1
    assert connections >= 1
    assert connections + 3 * threads + 40 <= descriptors


def test_apache_gets_its_settings_from_a_command() -> None:
    done = python("-m", "alpenglow._serve.process.settings", PORT="8080", MAX_BODY="1000", BIND="unix:/run/a.sock")
    assert re.fullmatch(r"PORT=8080 THREADS=\d+ PER_THREAD=\d+ KEPT=32 MAX_BODY=1000 PASSING=\d+\n", done.stdout)
    done = python("-m", "alpenglow._serve.process.settings", PORT="http", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "serve: PORT is a whole number from 1 to 65535, not 'http'\n"


def test_variables_overrule() -> None:
    environment = {"PORT": "8080", "BIND": "0.0.0.0", "WORKERS": "3", "MODEL": "/m.onnx", "MAX_BODY": "1000"}
    settings = from_environment(environment, BIG)
    assert (settings.bind, settings.workers, settings.model, settings.max_body) == (
        "0.0.0.0:8080",
        3,
        Path("/m.onnx"),
        1000,
    )


def test_a_unix_socket_has_no_port_and_no_address() -> None:
    settings = from_environment({"BIND": "unix:/run/a.sock", "PORT": "8080"}, BIG)
    assert (settings.bind, settings.address) == ("unix:/run/a.sock", None)


def test_an_empty_variable_is_an_unset_one() -> None:
    assert from_environment({"PORT": "", "WORKERS": "", "MODEL": "", "MAX_BODY": ""}, BIG) == from_environment({}, BIG)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("WORKERS", "-1"),
        ("WORKERS", "1.5"),
        ("MAX_BODY", "1M"),
        ("PORT", "\u0665"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is a whole number from 1 to .*, not '{value}'"):
        from_environment({name: value}, BIG)
