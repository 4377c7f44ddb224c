"""Rounds of all servers in turns: A B C A B C ..."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from benchmarks import cells, floor, forms
from benchmarks.cells import CHECKED, Outcome
from benchmarks.installed import ready
from benchmarks.load import LoadError
from benchmarks.machine import machine, versions
from benchmarks.peers.onnx_model import Model
from benchmarks.servers import Server
from docs import figures
from docs.figures import FLOOR, ROWS, Report

SHOWN = (figures.rate(1), figures.rate(16), figures.rate(128), figures.p99(16), figures.bulk(1000), figures.MEMORY)


class Bench:
    """The servers of a measurement, and what is found of them; `folder` has the artifacts and room for more."""

    def __init__(self, servers: Sequence[Server], folder: Path, seconds: int, floor: bool) -> None:
        self.folder, self.seconds = folder, seconds
        sample: pd.DataFrame = joblib.load(folder / "sample.joblib")
        self.sample = pd.concat([sample] * -(-max(ROWS) // len(sample)), ignore_index=True)  # enough rows
        self.model = (folder / "model.onnx").resolve()
        self.turns: list[tuple[figures.Server, Callable[[], Outcome]]] = []
        for server in servers:
            print(f"preparing {server.label} ...", flush=True)
            self.add(server.name, server.label, server.role, self.turn(server))
            found = self.turns[-1][0]
            try:
                ready(server, folder)
                found["versions"] = versions(server)
            except (RuntimeError, OSError) as error:
                found["absent"] = str(error)
        if floor:
            self.add("constant", "a constant, behind Apache", FLOOR, self.constant)
            self.add("session", "the bare session, in process", FLOOR, self.session)

    def add(self, name: str, label: str, role: str, measure: Callable[[], Outcome]) -> None:
        """Give it a turn in each round."""
        found: figures.Server = {
            "name": name,
            "label": label,
            "role": role,
            "absent": "",
            "faults": {},
            "versions": {},
            "rounds": [],
        }
        self.turns.append((found, measure))

    def turn(self, server: Server) -> Callable[[], Outcome]:
        """A round of one server."""
        return lambda: cells.measured(server, self.folder, self.sample, self.labels, self.seconds)

    def constant(self) -> Outcome:
        """A round of the constant."""
        return floor.constant(self.model, forms.split(self.sample.head(1)), self.seconds)

    def session(self) -> Outcome:
        """A round of the session alone."""
        return floor.session(self.model, self.sample, self.seconds)

    @cached_property
    def labels(self) -> list[Any]:
        """What the graph predicts for the first rows."""
        table = self.sample.head(CHECKED)
        return Model(str(self.model)).predict({str(name): table[name].tolist() for name in table})

    def run(self, rounds: int) -> Report:
        """Measure, and print each round."""
        for number in range(1, rounds + 1):
            for found, measure in self.turns:
                if not found["absent"]:
                    take(found, measure)
                    print(f"{number}/{rounds} {line(found)}", flush=True)
        return {
            "date": date.today().isoformat(),
            "seconds": self.seconds,
            "machine": machine(),
            "servers": [found for found, _ in self.turns],
        }


def take(found: figures.Server, measure: Callable[[], Outcome]) -> None:
    """A round of one server; one that does not start is not asked again."""
    try:
        outcome = measure()
    except (RuntimeError, OSError, AssertionError, LoadError) as error:
        found["absent"] = str(error).strip().splitlines()[-1]
    else:
        found["rounds"].append(outcome.figures)
        found["faults"].update(outcome.faults)


def line(found: figures.Server) -> str:
    """The last round in short."""
    if found["absent"]:
        return f"{found['label']}: not measured, as {found['absent']}"
    last = found["rounds"][-1]
    shown = [f"{name} {last[name]:,.4g}" for name in SHOWN if name in last]
    return f"{found['label']}: {'; '.join([', '.join(shown), *figures.failures(found)])}"
