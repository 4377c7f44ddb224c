"""Environment variables, and what follows where they are unset."""

from pathlib import Path

import pytest

from serve.cgroup import Limits
from serve.settings import MIB, SettingsError, from_environment

BIG = Limits(cpus=4, memory=8 << 30)


def test_the_defaults_follow_the_machine() -> None:
    settings = from_environment({}, BIG)
    assert settings.bind == "127.0.0.1:5000"
    assert settings.address == "http://127.0.0.1:5000"
    assert settings.workers == 4
    assert settings.model == Path("artifacts/model.onnx")
    assert settings.max_body == 16 * MIB


@pytest.mark.parametrize(("memory", "workers"), [(64, 1), (96, 1), (128, 2), (160, 4)])
def test_little_memory_means_few_workers_and_small_bodies(memory: int, workers: int) -> None:
    settings = from_environment({}, Limits(cpus=4, memory=memory * MIB))
    assert settings.workers == workers
    assert settings.max_body < 2 * MIB


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
