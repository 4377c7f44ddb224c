"""Both sides in turns in one engine: what the programs of the engines share."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import alpenglow
from benchmarks.engines.theirs import Theirs

Counts = dict[str, int]  # of labels
OURS, THEIRS = "ours", "theirs"


def cores() -> int:
    """How many to use: this process and all that it starts have no more. From the command line."""
    count = int(sys.argv[2])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    return count


def run(count: Callable[[object, str, Path], Counts]) -> None:
    """Print the seconds that each side took in each round.

    Args:
        count: Counts the labels that a side's function gives to the rows in a folder.

    Raises:
        SystemExit: The sides do not give the same labels.
    """
    folder, rounds = Path(sys.argv[1]), int(sys.argv[3])
    functions = {
        OURS: alpenglow.scorer(folder / "model.onnx", keep=["id"], outputs=["prediction"]),
        THEIRS: Theirs(folder / "pipeline.joblib"),
    }
    found: dict[str, list[float]] = {OURS: [], THEIRS: []}
    counts: list[Counts] = []
    for side, function in functions.items():
        count(function, side, folder / "few")  # starts the workers, and loads
    for _ in range(rounds):
        for side, function in functions.items():
            start = time.perf_counter()
            counts.append(count(function, side, folder / "rows"))
            found[side].append(round(time.perf_counter() - start, 2))
    if any(one != counts[0] for one in counts):
        sys.exit(f"the labels differ: {counts}")
    print(json.dumps({**found, "labels": counts[0]}))
