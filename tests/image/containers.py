"""Start the real image with Docker, as little privileged as the README says, and look at what it does."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

import requests

from tests.commands import run
from tests.servers import PATIENCE, Client, free_port

IMAGE = os.environ.get("IMAGE", "alpenglow")
HARDENED = ("--read-only", "--tmpfs=/tmp:size=64m", "--cap-drop=ALL", "--security-opt=no-new-privileges")


@dataclass(frozen=True)
class Container(Client):
    """A started container."""

    id: str
    url: str

    def address(self) -> str:
        """Its own address: Docker's proxy takes connections on the published port even when nobody listens here."""
        return run("docker", "inspect", "--format={{.NetworkSettings.IPAddress}}", self.id).stdout.strip()

    def log(self) -> str:
        """What it has printed so far, standard output and error."""
        done = run("docker", "logs", self.id)
        return done.stdout + done.stderr

    def requests(self) -> list[dict[str, Any]]:
        """The lines of its log that are JSON."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def state(self) -> dict[str, Any]:
        """What Docker knows of it: Running, ExitCode, OOMKilled, Health ..."""
        found: dict[str, Any] = json.loads(run("docker", "inspect", "--format={{json .State}}", self.id).stdout)
        return found

    def signal(self, name: str) -> None:
        """Send a signal to its process 1."""
        run("docker", "kill", f"--signal={name}", self.id)

    def exit_code(self, patience: float = PATIENCE) -> int:
        """Wait until it has ended."""
        return int(run("timeout", str(patience), "docker", "wait", self.id).stdout)

    def execute(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command inside."""
        return run("docker", "exec", self.id, *command, check=check)

    def processes(self, words: str) -> list[tuple[int, int]]:
        """Process and parent ids, the host's, of what runs inside under a command line with these words."""
        lines = run("docker", "top", self.id, "-o", "pid,ppid,args").stdout.splitlines()[1:]
        rows = [line.split(maxsplit=2) for line in lines]
        return [(int(pid), int(parent)) for pid, parent, command in rows if words in command]

    def parent_and_children(self, words: str) -> tuple[int, list[int]]:
        """The one process of that name whose parent has another, and those that it has started."""
        found = self.processes(words)
        ids = {pid for pid, _ in found}
        (parent,) = [pid for pid, above in found if above not in ids]
        return parent, [pid for pid, above in found if above == parent]

    def wait_for_line(self, words: str, times: int) -> None:
        """Wait until the log has these words so many times."""
        end = time.monotonic() + PATIENCE
        while self.log().count(words) < times:
            assert time.monotonic() < end, self.log()
            time.sleep(0.1)

    def wait_until_healthy(self) -> None:
        """Wait for the image's own health check."""
        end = time.monotonic() + 30
        while self.state()["Health"]["Status"] != "healthy":
            assert time.monotonic() < end, self.state()
            time.sleep(0.2)

    def wait_until_ready(self) -> None:
        """Wait for the first 200."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with warnings.catch_warnings(action="ignore"):  # of a certificate that nobody vouches for
                    if requests.get(self.url + "/health/ready", timeout=5, verify=False).status_code == 200:
                        return
            except requests.RequestException:
                pass
            assert self.state()["Running"], self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)


def exists(image: str) -> bool:
    """Whether Docker has an image of that name."""
    return not run("docker", "image", "inspect", image, check=False).returncode


def wait_until(condition: Callable[[], bool], what: str, patience: float = 30) -> None:
    """Wait, but not for ever: so many seconds."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"not so after {patience:g} seconds: {what}"
        time.sleep(0.1)


def alpine(image: str = IMAGE) -> str:
    """The version of Alpine that an image is made of."""
    labels = json.loads(run("docker", "image", "inspect", "--format={{json .Config.Labels}}", image).stdout)
    version: str = labels["org.opencontainers.image.base.name"].partition(":")[2]
    return version


def layers(image: str) -> list[str]:
    """The digests of an image's layers, the lowest first."""
    found: list[str] = json.loads(run("docker", "image", "inspect", "--format={{json .RootFS.Layers}}", image).stdout)
    return found


@contextmanager
def with_model(model: Path, name: str, base: str = IMAGE) -> Iterator[str]:
    """An image of that name: another one with a model on top."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Dockerfile").write_text(f"FROM {base}\nCOPY model.onnx /model/\n")
        shutil.copy(model, Path(folder) / "model.onnx")
        (Path(folder) / "model.onnx").chmod(0o644)
        run("docker", "build", "--tag", name, folder)
    try:
        yield name
    finally:
        run("docker", "image", "rm", "--force", name)


def bridge() -> IPv4Interface:
    """The host's address in Docker's default network, and that network's size."""
    (config,) = json.loads(run("docker", "network", "inspect", "--format={{json .IPAM.Config}}", "bridge").stdout)
    return IPv4Interface(f"{config['Gateway']}/{IPv4Network(config['Subnet']).prefixlen}")


@contextmanager
def started(
    *options: str,
    image: str = IMAGE,
    scheme: str = "http",
    hardened: bool = True,
    arguments: Sequence[str] = (),
    inside: int = 5000,
    address: str = "127.0.0.1",
) -> Iterator[Container]:
    """A container that may not be ready yet, or never; it is removed at the end.

    Args:
        options: Of `docker run`.
        image: Its name.
        scheme: http or https.
        hardened: Whether it may do no more than it has to.
        arguments: What stands behind the image's name.
        inside: The port that it listens on.
        address: The host's, where it is reached.
    """
    port = free_port()
    publish = f"--publish={address}:{port}:{inside}"
    command = ["docker", "run", "--detach", publish, *(HARDENED if hardened else ()), *options, image, *arguments]
    container = Container(run(*command).stdout.strip(), f"{scheme}://{address}:{port}")
    try:
        yield container
    finally:
        run("docker", "rm", "--force", "--volumes", container.id)


@contextmanager
def serving(*options: str, **more: Any) -> Iterator[Container]:
    """A container that answers; arguments as above."""
    with started(*options, **more) as container:
        container.wait_until_ready()
        yield container


def kill(pid: int) -> None:
    """End a process of the container from outside, without a chance to clean up."""
    os.kill(pid, signal.SIGKILL)
