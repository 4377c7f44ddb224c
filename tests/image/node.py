"""A second Docker Engine on this machine, as another node of a Swarm: in a network of its own, with data of its own."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path

from tests.commands import run

NAME = "alpenglow-node"  # of its network, and of the link to it
PATIENCE = 60  # seconds until it answers
DOCKERD = shutil.which("dockerd", path=f"/usr/sbin:/usr/local/bin:{os.defpath}")


@dataclass(frozen=True)
class Node:
    """An engine: where it listens, its address in Docker's default network."""

    host: str
    address: str

    def docker(self, *command: str) -> str:
        """What a command of Docker prints there."""
        return run("docker", "--host", self.host, *command).stdout.strip()

    def join(self, manager: str) -> str:
        """Become a worker of the manager's Swarm; the node's id."""
        token = run("docker", "swarm", "join-token", "--quiet", "worker").stdout.strip()
        self.docker("swarm", "join", "--token", token, "--advertise-addr", self.address, f"{manager}:2377")
        return self.docker("info", "--format={{.Swarm.NodeID}}")

    def take(self, *images: str) -> None:
        """Have images of this machine's first engine."""
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saved:
            subprocess.run(["docker", "--host", self.host, "load", "--quiet"], stdin=saved.stdout, check=True)


def reason_for_none() -> str | None:
    """Why there cannot be one."""
    if DOCKERD is None or shutil.which("ip") is None:
        return "dockerd and ip are not installed"
    return None if os.geteuid() == 0 else "only root can start a second engine"


@contextmanager
def node(bridge: IPv4Interface) -> Iterator[Node]:
    """The engine, at an address that is free in the network of `docker0`."""
    address = str(bridge.network.broadcast_address - 2)
    with tempfile.TemporaryDirectory(prefix=NAME) as name, network(address, bridge):
        folder = Path(name)
        socket = f"unix://{folder}/docker.sock"
        options = [f"--host={socket}", f"--pidfile={folder}/pid", "--bip=172.29.0.1/16"]
        roots = [f"--data-root={folder}/data", f"--exec-root={folder}/exec"]
        with (folder / "log").open("wb") as log:
            # `ip netns exec` would mount a /sys of its own, without the control groups.
            command = ["nsenter", f"--net=/run/netns/{NAME}", str(DOCKERD), *options, *roots]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        found = Node(socket, address)
        try:
            wait(found, process, folder / "log")
            yield found
        finally:
            with suppress(AssertionError):
                found.docker("swarm", "leave", "--force")
            process.terminate()
            process.wait(PATIENCE)


def wait(found: Node, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers."""
    end = time.monotonic() + PATIENCE
    while run("docker", "--host", found.host, "info", check=False).returncode:
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < end, log.read_text()[-2000:]
        time.sleep(0.2)


@contextmanager
def network(address: str, bridge: IPv4Interface) -> Iterator[None]:
    """A network namespace with an interface on `docker0`."""
    inside = ("ip", "netns", "exec", NAME, "ip")
    run("ip", "netns", "add", NAME)
    try:
        run("ip", "link", "add", "agnode0", "type", "veth", "peer", "name", "eth0", "netns", NAME)
        run("ip", "link", "set", "agnode0", "master", "docker0", "up")
        run(*inside, "address", "add", f"{address}/{bridge.network.prefixlen}", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "route", "add", "default", "via", str(bridge.ip))
        yield
    finally:
        run("ip", "netns", "delete", NAME)
