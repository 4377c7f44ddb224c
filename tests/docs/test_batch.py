"""The measurement of batches: what the page says of it is made of the figures."""

import xml.etree.ElementTree as ET

import pytest

from docs import batch
from docs.batch import Cell, Report


def report(*cells: Cell) -> Report:
    return {"date": "2026-01-01", "rows": 1000, "processor": "a chip", "versions": {"ray": "2.0"}, "cells": list(cells)}


def cell(cores: int, ours: list[float], theirs: list[float]) -> Cell:
    return {"engine": "Spark", "cores": cores, "ours": ours, "theirs": theirs, "labels": {"a": 1000}}


REPORT = report(cell(1, [10, 30, 20], [10, 15, 20]), cell(2, [10, 10, 10], [10, 10, 10]))


def test_a_line_has_speeds_their_growth_and_the_ratio_of_the_rounds() -> None:
    lines = batch.text(REPORT).splitlines()
    assert "| Spark | 1 | 50 | 1.00 | 67 | 1.00 | 1.00 |" in lines
    assert "| Spark | 2 | 100 | 2.00 | 100 | 1.50 | 1.00 |" in lines
    assert any("medians of 3 rounds" in line for line in lines)


def test_the_section_is_written_anew_and_nothing_else() -> None:
    before = batch.PAGE.read_text(encoding="utf-8")
    once = batch.page(before, REPORT)
    assert once.startswith(before.partition(batch.HEADING)[0])
    assert once.count(batch.HEADING) == 1
    assert batch.page(once, REPORT) == once


def test_the_picture_has_a_bar_for_each_side() -> None:
    drawn = ET.fromstring(batch.picture(REPORT).svg())
    names = [text.text for text in drawn.iter() if text.get("class", "").startswith("name")]
    assert names == [
        f"Spark, {cores}, {side}" for cores in ("1 core", "2 cores") for side in ("Alpenglow", "scikit-learn")
    ]


@pytest.mark.skipif(not batch.JSON.exists(), reason="nothing is measured yet: make bench-batch")
def test_the_page_is_up_to_date() -> None:
    assert batch.page(batch.PAGE.read_text(encoding="utf-8"), batch.read()) == batch.PAGE.read_text(encoding="utf-8")
    assert batch.picture(batch.read()).svg() == batch.SVG.read_text(encoding="utf-8")
    assert batch.read()["rows"] >= 10_000_000
