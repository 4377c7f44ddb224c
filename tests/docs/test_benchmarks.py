"""The committed measurement of speed: the page, the pictures and the README's table are made of it."""

import statistics
import xml.etree.ElementTree as ET

import pytest

from benchmarks.servers import ALONE, ALTERNATIVES, APACHED
from docs import bars, benchmarks, budgets, figures
from docs.budgets import BEST, Budget
from docs.figures import CONNECTIONS, OURS, PEER, ROWS, START, Report, Server

REPORT = figures.read()
MEASURED = figures.measured(REPORT, *benchmarks.COMPARED)
ALL = [
    *(
        figure(connections)
        for figure in (figures.rate, figures.p50, figures.p99, figures.cpu)
        for connections in CONNECTIONS
    ),
    *map(figures.bulk, ROWS),
    figures.MEMORY,
    START,
]


def made(name: str, role: str, *rounds: dict[str, float], **faults: str) -> Server:
    return {
        "name": name,
        "label": name.title(),
        "role": role,
        "absent": "",
        "faults": faults,
        "versions": {},
        "rounds": list(rounds),
    }


def report(*servers: Server) -> Report:
    return {"date": "2026-01-01", "seconds": 1, "machine": {}, "servers": list(servers)}


def test_the_page_and_the_pictures_are_made_of_the_measurement() -> None:
    assert benchmarks.PAGE.read_text(encoding="utf-8") == benchmarks.page(REPORT)
    assert benchmarks.SVG.read_text(encoding="utf-8") == benchmarks.rates(REPORT)
    assert benchmarks.P99_SVG.read_text(encoding="utf-8") == benchmarks.latencies(REPORT)


@pytest.mark.parametrize("picture", [benchmarks.rates, benchmarks.latencies])
def test_a_picture_says_in_words_what_it_shows(picture) -> None:
    svg = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(picture(REPORT))
    desc = root.findtext(f"{svg}desc") or ""
    for found in MEASURED:
        assert f"{found['label']}: " in desc
    for bar in root.iter(f"{svg}rect"):
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= bars.LEFT + bars.LONGEST


def test_the_measurement_is_of_every_server_or_says_why_not() -> None:
    expected = {server.name for server in (APACHED, ALONE, *ALTERNATIVES)} | {"before", "constant", "session"}
    assert {found["name"] for found in REPORT["servers"]} == expected
    page = benchmarks.page(REPORT)
    for found in REPORT["servers"]:
        assert bool(found["absent"]) != bool(found["rounds"])
        assert f"| {found['label']} |" in page or f"- {found['label']}: {found['absent']}" in page


def test_every_figure_of_every_server_is_there_or_has_a_reason() -> None:
    for found in MEASURED:
        for values in found["rounds"]:
            assert set(ALL) <= values.keys() | found["faults"].keys()
            assert all(value > 0 for value in values.values())


@pytest.mark.parametrize("figure", ALL)
def test_medians_and_ratios_are_those_of_the_rounds(figure) -> None:
    reference = figures.server(REPORT, benchmarks.REFERENCE)
    assert reference
    for found in MEASURED:
        if figure in found["faults"] | reference["faults"]:
            continue
        theirs = [values[figure] for values in reference["rounds"]]
        ours = [values[figure] for values in found["rounds"]]
        assert figures.median(found, figure) == statistics.median(ours)
        expected = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        assert figures.ratio(found, reference, figure) == expected


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    ours = made("ours", OURS, {START: 1}, {START: 8}, {START: 9})
    theirs = made("theirs", PEER, {START: 2}, {START: 1}, {START: 10})
    assert figures.ratio(ours, theirs, START) == 0.9  # of 0.5, 8 and 0.9; that of the medians is 4


def test_a_figure_that_failed_in_one_round_is_none() -> None:
    ours = made("ours", OURS, {"x": 1}, {}, x="Non-2xx or 3xx responses: 1")
    assert figures.median(ours, "x") is None
    assert figures.ratio(ours, made("theirs", PEER, {"x": 1}, {"x": 1}), "x") is None
    assert figures.failures(ours) == ["x: Non-2xx or 3xx responses: 1"]


def test_budgets_say_whether_they_are_kept_and_by_how_much_not() -> None:
    rate = figures.rate(16)
    found = report(
        made("apache", OURS, {rate: 900, START: 0.5}),
        made("fastapi", PEER, {rate: 500, START: 1}),
        made("rsgi", PEER, {rate: 1000, START: 1}),
    )
    assert budgets.line(Budget("apache", rate, "fastapi", 1.5), found)[1:] == ["≥ 1.5", "1.80", "met"]
    assert budgets.line(Budget("apache", rate, "fastapi", 2), found)[1:] == ["≥ 2", "1.80", "missed by 10.0%"]
    assert budgets.line(Budget("apache", START, "rsgi", 0.4, at_least=False), found)[2:] == ["0.50", "missed by 25.0%"]
    assert budgets.line(Budget("apache", rate, BEST, 0.9), found) == [
        f"{rate}, behind Apache / Rsgi",
        "≥ 0.9",
        "0.90",
        "met",
    ]
    assert budgets.line(Budget("apache", rate, "before", 2.2), found)[2:] == ["", "not measured"]


def test_the_table_of_the_readme_has_ours_first(capsys) -> None:
    benchmarks.table()
    lines = capsys.readouterr().out.splitlines()
    labels = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][1:]
    assert labels == [found["label"] for name in benchmarks.MAIN if (found := figures.server(REPORT, name))]
