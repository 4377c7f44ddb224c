"""`docs/scaling.json`, which `make scaling` writes, as the page `docs/scaling.md`: what a core does, and what follows.

`python -m docs.scaling` writes the page anew without measuring.
"""

import json
import math
import statistics
from pathlib import Path
from typing import Literal, TypedDict

from docs import image_sizes, markdown

JSON = Path(__file__).parent / "scaling.json"
PAGE = JSON.with_suffix(".md")
Side = Literal["replicas", "balancer"]
BUSY = 0.7  # how much of a processor is planned with
WANTED = (1_000, 100_000, 10_000_000)  # predictions a second
BULK = 1000  # rows of a large request
SIZES = {"one row": 1, f"{BULK:,} rows": BULK}
REPLICA = 2  # processors and workers of the replicas that are planned with
LINKS = {"100 Mbit/s": 100e6, "1 Gbit/s": 1e9}  # bits a second

HEAD = """# Capacity: from one core to many machines

`make scaling` measures and writes this page, and `scaling.json` with every round. The rows are Adult's, the model is
its forest of 50 trees. Another model has other costs; the arithmetic stays.
"""


class Load(TypedDict):
    """Requests of one size, in each round: a second, µs of processor for each in replicas and in the balancer."""

    rate: list[float]
    replicas: list[float]
    balancer: list[float]


class Cell(TypedDict):
    """An arrangement: containers, workers in each, whether HAProxy is in front; `loads` by rows of a request."""

    replicas: int
    workers: int
    balanced: bool
    loads: dict[str, Load]
    memory: list[float]


class Start(TypedDict):
    """An image on a new node: bytes to pull, seconds to unpack them, and from `docker run` to the first prediction."""

    label: str
    compressed: int
    unpack: list[float]
    start: list[float]


class Report(TypedDict):
    """One measurement. `share` is of a processor, for each worker; `wire` bytes of a request, both ways."""

    date: str
    machine: dict[str, str]
    share: float
    connections: dict[str, int]
    cells: list[Cell]
    wire: dict[str, float]
    starts: list[Start]


def read() -> Report:
    """What was measured last."""
    report: Report = json.loads(JSON.read_text(encoding="utf-8"))
    return report


def write(report: Report) -> None:
    """Keep what was measured, and write the page."""
    JSON.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """All of it."""
    parts = (HEAD, core(report), growth(report), balancer(report), needed(report), node(report))
    return "\n".join(parts)


def cost(report: Report, rows: int, side: Side = "replicas") -> float:
    """µs of processor for a request: in a replica that has one processor, or in HAProxy; medians."""
    if side == "balancer":
        loads = [cell["loads"][str(rows)] for cell in report["cells"] if cell["balanced"]]
        return statistics.median(value for load in loads for value in load["balancer"])
    most = max((cell for cell in report["cells"] if not cell["balanced"]), key=lambda cell: cell["workers"])
    return statistics.median(most["loads"][str(rows)]["replicas"])


def memory(report: Report, workers: int) -> float:
    """MiB of a container with so many workers after its load."""
    (cell,) = (one for one in report["cells"] if not one["balanced"] and one["workers"] == workers)
    return statistics.median(cell["memory"])


def core(report: Report) -> str:
    """What one processor answers when it does nothing else."""
    rows = [
        [
            name,
            f"{cost(report, size):,.0f} µs",
            f"{1e6 / cost(report, size):,.0f}",
            f"{size * 1e6 / cost(report, size):,.0f}",
            f"{report['wire'][str(size)] / 1000:,.1f} kB",
        ]
        for name, size in SIZES.items()
    ]
    head = ["a request of", "processor time", "requests/s a core", "predictions/s a core", "on the wire"]
    at = ", ".join(report["machine"][name] for name in ("processor", "kernel"))
    return f"""## What a core does

{markdown.table([head, *rows])}

All of a replica's processes, Apache's among them, where it may use one processor; JSON; measured on {report["date"]}
({at}), medians. On the wire: both ways, with headers, TCP and its acknowledgements. A container has
{memory(report, 1):.0f} MiB after its load with one worker, {memory(report, 2):.0f} with two and
{memory(report, 4):.0f} with four.
"""


def growth(report: Report) -> str:
    """Requests a second by workers, and by replicas."""
    rows = []
    for balanced in (False, True):
        cells = [cell for cell in report["cells"] if cell["balanced"] is balanced]
        for cell in cells:
            front = " behind HAProxy" if balanced else ""
            what = f"{count(cell['replicas'], 'replica')} of {count(cell['workers'], 'worker')}{front}"
            line = [what, f"{cell['replicas'] * cell['workers'] * report['share']:g}"]
            for size in (1, BULK):
                own, first = (one["loads"][str(size)]["rate"] for one in (cell, cells[0]))
                grown = statistics.median(now / alone for now, alone in zip(own, first, strict=True))
                line += [f"{size * statistics.median(own):,.0f}", f"{grown:.2f}"]
            rows.append(line)
    bulk = f"{BULK:,} rows a request"
    head = ["arrangement", "processors", "predictions/s, one row a request", "growth", bulk, "growth"]
    return f"""## How it grows

{markdown.table([head, *rows])}

Each worker may use {report["share"]:g} of a processor (`docker run --cpus`), Apache's part included, so that four of
them and what asks them fit into {report["machine"]["cores"]} cores; {report["connections"]["1"]} connections, and
{report["connections"][str(BULK)]} for large requests. Growth is to the first line of its kind, in the same round.
"""


def count(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'s' if number > 1 else ''}"


def balancer(report: Report) -> str:
    """Where HAProxy becomes what is scarce."""
    rows = [
        [
            name,
            f"{cost(report, size, 'balancer'):,.0f} µs",
            f"{1e6 / cost(report, size, 'balancer'):,.0f}",
            f"{cost(report, size) / cost(report, size, 'balancer'):,.0f}",
        ]
        for name, size in SIZES.items()
    ]
    needs = ["HAProxy's processor time", "requests/s a core of HAProxy", "cores of replicas that one feeds"]
    head = ["a request of", *needs]
    return f"""## Where the balancer becomes the bottleneck

{markdown.table([head, *rows])}

HAProxy uses all cores that it is given (`nbthread`). Beyond one machine of it, put several behind one name in DNS, or
one on each client's machine; or send more rows in a request, which costs every part less.
"""


def needed(report: Report) -> str:
    """The arithmetic."""
    rows = [plan(report, wanted, size) for size in (1, BULK) for wanted in WANTED]
    takes = ["cores of replicas", "replicas", "their memory", "cores of balancers", "network"]
    head = ["predictions/s", "rows a request", *takes]
    return f"""## How much is needed

{markdown.table([head, *rows])}

Cores: requests a second times what one costs (above), at {BUSY:.0%} of each core, so that a burst or a lost machine
finds room. A replica has {REPLICA} workers and {REPLICA} processors. The network is what comes to the balancers; they
pass on as much again. No more than arithmetic, from the figures above: no such cluster was there to measure.
"""


def plan(report: Report, wanted: int, size: int) -> list[str]:
    """What so many predictions a second take."""
    requests = wanted / size
    cores = requests * cost(report, size) / 1e6 / BUSY
    front = requests * cost(report, size, "balancer") / 1e6 / BUSY
    replicas = math.ceil(cores / REPLICA)
    gib = replicas * memory(report, REPLICA) / 1024
    network = requests * report["wire"][str(size)] * 8 / 1e9
    return [
        f"{wanted:,}",
        f"{size:,}",
        rounded(cores),
        f"{replicas:,}",
        f"{rounded(gib)} GiB",
        rounded(front),
        f"{rounded(network)} Gbit/s",
    ]


def rounded(value: float) -> str:
    """Two digits, or all before the point."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def node(report: Report) -> str:
    """From nothing to the first answer."""
    rows = []
    for found in report["starts"]:
        unpack, start = (statistics.median(values) for values in (found["unpack"], found["start"]))
        whole = [found["compressed"] * 8 / speed + unpack + start for speed in LINKS.values()]
        sizes = [image_sizes.megabytes(found["compressed"]), f"{unpack:.1f} s", f"{start:.1f} s"]
        rows.append([found["label"], *sizes, *(f"{seconds:.1f} s" for seconds in whole)])
    steps = ["MB to pull", "to unpack", "from `docker run` to the first prediction"]
    head = ["image", *steps, *(f"in all at {name}" for name in LINKS)]
    return f"""## From nothing to the first answer, on a new node

{markdown.table([head, *rows])}

The images of `make image-sizes`, which serve the same model, their layers as `docker push` packs them (gzip), where
nothing else is said. To unpack: decompress and tar, layer after layer. In all: the bytes at that speed, then unpacking,
then the start; a registry's own delays are not in it, and layers that a node has already cost nothing
(`alpenglow image --base`: a new model is then its own bytes).
"""


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
