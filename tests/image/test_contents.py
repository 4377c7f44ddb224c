"""What is in the image, and what is not."""

import json

import pytest

from docs import image_report, image_sizes
from tests.commands import run
from tests.image.containers import IMAGE, serving

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def configuration() -> dict[str, object]:
    """What `docker inspect` says of the image."""
    found: dict[str, object] = json.loads(run("docker", "image", "inspect", IMAGE).stdout)[0]
    return found


def test_it_is_small(configuration) -> None:
    assert configuration["Size"] <= 60 * MEGABYTE


def test_what_the_readme_says_of_its_size_is_true(configuration) -> None:
    ours = image_sizes.read()["images"][0]
    base = configuration["Config"]["Labels"]["org.opencontainers.image.base.name"]
    if base != ours["base"]["name"]:
        pytest.skip(f"the README's figures are of {ours['base']['name']}, and this image is of {base}")
    assert configuration["Size"] == pytest.approx(ours["uncompressed"], rel=0.02)
    assert configuration["Size"] == pytest.approx(image_report.shipped(image_report.read()), rel=0.02)


@pytest.mark.parametrize("name", ["sklearn", "skl2onnx", "pandas", "scipy", "pip", "sympy", "google.protobuf", "onnx"])
def test_it_has_no(server, name) -> None:
    done = server.execute("python3", "-c", f"import {name}", check=False)
    assert "ModuleNotFoundError" in done.stderr


def test_it_has_no_package_manager_compiler_or_openblas(server) -> None:
    files = server.execute("find", "/", "-xdev", "-type", "f").stdout.splitlines()
    names = [path.rpartition("/")[2] for path in files if not path.startswith(("/proc/", "/sys/", "/dev/"))]
    assert len(names) > 300
    assert not [name for name in names if name in {"apk", "pip", "pip3", "gcc", "cc", "as", "ld"}]
    assert not [name for name in names if "openblas" in name or name.endswith((".h", ".pyi", ".a"))]
    sources = [name for name in names if name.endswith(".py")]
    assert sources == ["gunicorn.conf.py"]  # all else is compiled


def test_nothing_in_it_changes_who_one_is(server) -> None:
    done = server.execute("find", "/", "-xdev", "-type", "f", "(", "-perm", "-4000", "-o", "-perm", "-2000", ")")
    assert done.stdout == ""


def test_nothing_in_it_can_be_written_but_the_temporary_folder() -> None:
    with serving(hardened=False) as container:
        done = container.execute("sh", "-c", "find / -xdev -type d -perm -0002 2>/dev/null")
        assert done.stdout.split()[0] == "/tmp"
        assert all(folder.startswith("/tmp") for folder in done.stdout.split())


def test_it_runs_as_nobody(server) -> None:
    assert server.execute("id").stdout.startswith("uid=65534(nobody) gid=65534(nobody)")


def test_its_metadata(configuration) -> None:
    config = configuration["Config"]
    assert config["User"] == "65534:65534"
    assert list(config["ExposedPorts"]) == ["5000/tcp"]
    assert config["StopSignal"] == "SIGTERM"
    assert "/health/ready" in config["Healthcheck"]["Test"][-1]
    labels = config["Labels"]
    for name in ("title", "description", "version", "revision", "licenses"):
        assert labels[f"org.opencontainers.image.{name}"], name
    assert (labels["alpenglow.model.name"], labels["alpenglow.model.version"]) == ("adult", "1")


def test_the_model_is_the_last_layer_and_the_service_the_one_before(configuration) -> None:
    layers = run("docker", "history", "--no-trunc", "--human=false", "--format={{.Size}}", IMAGE).stdout.split()
    sizes = [int(size) for size in layers if size != "0"]
    assert len(sizes) == 3
    model, service, runtime = sizes
    assert model < 3 * MEGABYTE
    assert service < MEGABYTE // 2  # the page and its protocols are a quarter of one
    assert runtime > 40 * MEGABYTE
