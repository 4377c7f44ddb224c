"""`make scaling`: what requests cost the image and a balancer, how that grows, and how long a new node takes.

Writes `docs/scaling.json` and `docs/scaling.md`.
"""

import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import joblib

from benchmarks import forms, nodes
from benchmarks.load import Load, post
from benchmarks.machine import machine
from benchmarks.processes import Command, Group, Stat, family, proportional, stats, wait_until
from docs import scaling
from docs.scaling import BULK, Cell
from tests.commands import run
from tests.image.containers import IMAGE, Container, bridge, exists, serving
from tests.servers import HAPROXY, SEARCHED, free_port

SHARE = 0.25  # of a processor, for each worker
CONNECTIONS = {1: 16, BULK: 4}  # by rows of a request
SECONDS, ROUNDS = 4, 3
CHECKED = 3  # seconds after which HAProxy knows on which ports nobody listens: two of its checks
SIZES = (1, 2, 4)
PATIENCE = 30  # seconds until HAProxy answers


@dataclass(frozen=True)
class Arrangement:
    """Containers, the workers in each, and whether HAProxy is in front of them."""

    replicas: int
    workers: int
    balanced: bool


ARRANGEMENTS = (
    *(Arrangement(1, workers, balanced=False) for workers in SIZES),
    *(Arrangement(replicas, 1, balanced=True) for replicas in SIZES),
)


def main() -> int:
    """Measure in rounds, in turns, and write the page."""
    missing = [name for name in ("haproxy", "wrk", "zstd") if not shutil.which(name, path=SEARCHED)]
    if missing or not exists(IMAGE):
        print(f"scaling: {', '.join(missing) or 'the image'} is missing: apt-get install haproxy wrk zstd, make image")
        return 1
    sample = joblib.load("artifacts/sample.joblib")
    bodies = {rows: forms.split(sample.head(rows)) for rows in (1, BULK)}
    cells: dict[Arrangement, Cell] = {one: empty(one) for one in ARRANGEMENTS}
    for number in range(1, ROUNDS + 1):
        print(f"round {number} of {ROUNDS}", flush=True)
        for arrangement, cell in cells.items():
            measure(arrangement, cell, bodies)
    report: scaling.Report = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "share": SHARE,
        "connections": {str(rows): number for rows, number in CONNECTIONS.items()},
        "cells": list(cells.values()),
        "wire": {str(rows): on_the_wire(body) for rows, body in bodies.items()},
        "starts": nodes.starts(),
    }
    scaling.write(report)
    print(scaling.page(report))
    return 0


def empty(arrangement: Arrangement) -> Cell:
    """A cell without figures yet."""
    loads: dict[str, scaling.Load] = {str(rows): {"rate": [], "replicas": [], "balancer": []} for rows in (1, BULK)}
    return {
        "replicas": arrangement.replicas,
        "workers": arrangement.workers,
        "balanced": arrangement.balanced,
        "loads": loads,
        "memory": [],
    }


def measure(arrangement: Arrangement, cell: Cell, bodies: dict[int, bytes]) -> None:
    """One round of an arrangement."""
    with ExitStack() as stack:
        address = str(bridge().ip) if arrangement.balanced else "127.0.0.1"
        containers = [stack.enter_context(replica(arrangement, address)) for _ in range(arrangement.replicas)]
        front = stack.enter_context(balancer(address, containers)) if arrangement.balanced else None
        url = f"http://127.0.0.1:{front[1]}" if front else containers[0].url
        for rows, body in bodies.items():
            post(f"{url}/predict", body, CONNECTIONS[rows], 1)  # every worker has its memory, every connection is open
            found = cell["loads"][str(rows)]
            before = [spent(containers), front[0].cpu() if front else 0.0]
            load: Load = post(f"{url}/predict", body, CONNECTIONS[rows], SECONDS)
            after = [spent(containers), front[0].cpu() if front else 0.0]
            replicas, balancing = (1e6 * (b - a) / load.requests for a, b in zip(before, after, strict=True))
            found["rate"].append(load.rate)
            found["replicas"].append(replicas)
            found["balancer"].append(balancing)
            print(
                f"  {arrangement}, {rows} rows: {load.rate:,.0f}/s, {replicas:,.0f} + {balancing:,.0f} µs", flush=True
            )
        cell["memory"].append(sum(map(proportional, members(containers))) / 1024)


@contextmanager
def replica(arrangement: Arrangement, address: str) -> Iterator[Container]:
    """A container of the arrangement, on a port of the address."""
    cpus = f"--cpus={SHARE * arrangement.workers:g}"
    with serving(cpus, f"--env=WORKERS={arrangement.workers}", address=address, image=IMAGE) as container:
        yield container


@contextmanager
def balancer(address: str, containers: Sequence[Container]) -> Iterator[tuple[Group, int]]:
    """HAProxy as `deploy/` has it, in front of them: its processes and its port."""
    taken = [container.url.rpartition(":")[2] for container in containers]
    ports = [*taken, *(str(free_port()) for _ in range(max(SIZES) - len(taken)))]  # nobody listens on those
    variables = {f"PORT{number}": port for number, port in enumerate(ports, 1)}
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        group = Group(Path(folder) / "log")
        words = [HAPROXY, "-db", "-f", Path("deploy/haproxy.cfg").absolute()]
        group.start(Command(words, Path(folder), {"ADDRESS": address, "PORT": str(port), **variables}))
        try:
            wait_until(lambda: answers(port), group, PATIENCE)
            time.sleep(CHECKED)
            yield group, port
        finally:
            group.stop()


def answers(port: int) -> bool:
    """Whether it takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def members(containers: Sequence[Container]) -> dict[int, Stat]:
    """All processes in the containers."""
    first = run("docker", "inspect", "--format={{.State.Pid}}", *(one.id for one in containers)).stdout.split()
    return family(set(map(int, first)), stats())


def spent(containers: Sequence[Container]) -> float:
    """Their processor time so far, in seconds."""
    return sum(stat.cpu for stat in members(containers).values())


def on_the_wire(body: bytes) -> float:
    """Bytes that a container receives and sends for a request, on connections that stay open."""
    with serving(image=IMAGE, address=str(bridge().ip)) as container:
        before = transferred(container)
        load = post(f"{container.url}/predict", body, 4, SECONDS)
        return (transferred(container) - before) / load.requests


def transferred(container: Container) -> int:
    """What its network interface has counted."""
    counts = [f"/sys/class/net/eth0/statistics/{way}_bytes" for way in ("rx", "tx")]
    return sum(map(int, container.execute("cat", *counts).stdout.split()))


if __name__ == "__main__":
    sys.exit(main())
