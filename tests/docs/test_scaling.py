"""Capacity: the page follows from what was measured."""

import pytest

from docs import scaling
from docs.scaling import BULK, Cell, Load, Report, Start


def load(rate: float, replicas: float, balancer: float) -> Load:
    return {"rate": [rate, 2 * rate], "replicas": [replicas, replicas], "balancer": [balancer, balancer]}


def cell(replicas: int, workers: int, balanced: bool) -> Cell:
    number = replicas * workers
    return {
        "replicas": replicas,
        "workers": workers,
        "balanced": balanced,
        "loads": {"1": load(500.0 * number, 700, 70), str(BULK): load(10.0 * number, 14_000, 700)},
        "memory": [50.0 + 20 * number],
    }


def start(label: str, megabytes: int) -> Start:
    return {"label": label, "compressed": megabytes * 10**6, "unpack": [0.5, 1.5, 1.0], "start": [2.0, 1.0, 1.5]}


REPORT: Report = {
    "date": "2026-01-01",
    "machine": {"processor": "a chip", "cores": "2", "kernel": "Linux"},
    "share": 0.25,
    "connections": {"1": 16, str(BULK): 4},
    "cells": [
        *(cell(1, workers, balanced=False) for workers in (1, 2, 4)),
        *(cell(replicas, 1, balanced=True) for replicas in (1, 2, 4)),
    ],
    "wire": {"1": 1000.0, str(BULK): 125_000.0},
    "starts": [start("Ours", 25), start("Theirs", 250)],
}
PAGE = scaling.page(REPORT).splitlines()


def test_a_core_answers_what_its_second_is_enough_for() -> None:
    assert "| one row | 700 µs | 1,429 | 1,429 | 1.0 kB |" in PAGE
    assert "| 1,000 rows | 14,000 µs | 71 | 71,429 | 125.0 kB |" in PAGE


def test_growth_is_to_the_first_of_its_kind_in_the_same_round() -> None:
    assert "| 1 replica of 4 workers | 1 | 3,000 | 4.00 | 60,000 | 4.00 |" in PAGE
    assert "| 2 replicas of 1 worker behind HAProxy | 0.5 | 1,500 | 2.00 | 30,000 | 2.00 |" in PAGE


def test_the_balancer_feeds_as_many_cores_as_a_request_costs_it_less() -> None:
    assert "| one row | 70 µs | 14,286 | 10 |" in PAGE
    assert "| 1,000 rows | 700 µs | 1,429 | 20 |" in PAGE


@pytest.mark.parametrize(
    ("wanted", "rows", "line"),
    [
        # 1,000 requests of 700 µs are 0.7 of a core, of which 0.7 is planned with; a replica of two workers has 90 MiB.
        (1_000, 1, ["1,000", "1", "1", "1", "0.088 GiB", "0.1", "0.008 Gbit/s"]),
        # 10,000 requests of 14 ms are 140 cores, planned with 200, in 100 replicas.
        (10_000_000, BULK, ["10,000,000", "1,000", "200", "100", "8.8 GiB", "10", "10 Gbit/s"]),
    ],
)
def test_what_is_needed_is_arithmetic(wanted, rows, line) -> None:
    assert scaling.plan(REPORT, wanted, rows) == line


def test_a_new_node_pulls_unpacks_and_starts() -> None:
    assert "| Ours | 25.0 | 1.0 s | 1.5 s | 4.5 s | 2.7 s |" in PAGE
    assert "| Theirs | 250.0 | 1.0 s | 1.5 s | 22.5 s | 4.5 s |" in PAGE


@pytest.mark.skipif(not scaling.JSON.exists(), reason="nothing is measured yet: make scaling")
def test_the_page_is_up_to_date() -> None:
    assert scaling.PAGE.read_text(encoding="utf-8") == scaling.page(scaling.read())
