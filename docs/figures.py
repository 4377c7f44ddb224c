"""What `make bench` has measured: `docs/benchmarks.json`, medians of it, and ratios.

Servers are measured in turns, so a ratio is the median of the rounds' ratios: a machine that is slow for a while is
slow for both sides of it.
"""

import json
import statistics
from pathlib import Path
from typing import Final, TypedDict

JSON = Path(__file__).parent / "benchmarks.json"

# What a server is here: ours, ours at an earlier commit, what others write, or a bound that none of its kind passes.
OURS: Final = "ours"
BEFORE: Final = "before"
PEER: Final = "peer"
FLOOR: Final = "floor"

CONNECTIONS = (1, 16, 128)
ROWS = (1000, 10_000)
MEMORY, START = "MiB", "s to the first prediction"
BESIDE = "p99 ms at 16 beside large requests"


def rate(connections: int) -> str:
    """The figure of requests per second, one row each."""
    return f"requests/s at {connections}"


def p50(connections: int) -> str:
    """The figure of the median latency, one row."""
    return f"p50 ms at {connections}"


def p99(connections: int) -> str:
    """The figure of the latency that one request in a hundred exceeds, one row."""
    return f"p99 ms at {connections}"


def cpu(connections: int) -> str:
    """The figure of the processor time that a request takes in all processes of the server, one row."""
    return f"µs of processor at {connections}"


def bulk(rows: int) -> str:
    """The figure of rows per second, so many in each request."""
    return f"rows/s of {rows}"


class Server(TypedDict):
    """A server: `absent` says why it was not measured, `faults` which figures could not be taken and why."""

    name: str
    label: str
    role: str
    absent: str
    faults: dict[str, str]
    versions: dict[str, str]
    rounds: list[dict[str, float]]


class Report(TypedDict):
    """One measurement: seconds that each figure took in each round, and what the machine is."""

    date: str
    seconds: int
    machine: dict[str, str]
    servers: list[Server]


def read(path: Path = JSON) -> Report:
    """What was measured last."""
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    return report


def write(report: Report, path: Path = JSON) -> None:
    """Keep what was measured."""
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def server(report: Report, name: str) -> Server | None:
    """One of the servers, if it was measured."""
    return next((found for found in report["servers"] if found["name"] == name and not found["absent"]), None)


def measured(report: Report, *roles: str) -> list[Server]:
    """Those that were measured, of some roles."""
    return [found for found in report["servers"] if found["role"] in roles and not found["absent"]]


def values(found: Server, figure: str) -> list[float | None]:
    """A figure in each round; in none if it failed in one."""
    return [None if figure in found["faults"] else values.get(figure) for values in found["rounds"]]


def median(found: Server | None, figure: str) -> float | None:
    """The median of the rounds."""
    there = [value for value in (values(found, figure) if found else []) if value is not None]
    return statistics.median(there) if there else None


def ratio(ours: Server | None, theirs: Server | None, figure: str, other: str | None = None) -> float | None:
    """The median of the rounds' ratios of a figure, or of one to another."""
    if not ours or not theirs:
        return None
    pairs = zip(values(ours, figure), values(theirs, other or figure), strict=False)
    ratios = [a / b for a, b in pairs if a is not None and b]
    return statistics.median(ratios) if ratios else None


def failures(found: Server) -> list[str]:
    """What failed and why, the figures of one failure together."""
    names: dict[str, list[str]] = {}
    for figure, fault in found["faults"].items():
        names.setdefault(fault, []).append(figure)
    return [f"{', '.join(figures)}: {fault}" for fault, figures in names.items()]


def best(report: Report, figure: str) -> Server | None:
    """The peer with the largest median."""
    found = [peer for peer in measured(report, PEER) if median(peer, figure) is not None]
    return max(found, key=lambda peer: median(peer, figure) or 0, default=None)
