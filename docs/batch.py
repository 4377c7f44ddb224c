"""`docs/batch.json`, which `make bench-batch` writes, as the last section of `docs/batch.md` and a picture."""

import json
import statistics
from pathlib import Path
from typing import Literal, TypedDict

from docs.bars import Bar, Picture

FOLDER = Path(__file__).parent
JSON, PAGE, SVG = (FOLDER / name for name in ("batch.json", "batch.md", "batch.svg"))
FILES = (JSON, PAGE, SVG)
ENGINES = {"Spark": "spark", "Ray Data": "ray_data"}  # and the modules in benchmarks/engines
HEADING = "\n## How fast it is\n"


Side = Literal["ours", "theirs"]
SIDES: dict[Side, str] = {"ours": "Alpenglow", "theirs": "scikit-learn"}


class Cell(TypedDict):
    """An engine on some cores, the seconds of both sides in each round, and how many rows have which label."""

    engine: str
    cores: int
    ours: list[float]
    theirs: list[float]
    labels: dict[str, int]


class Report(TypedDict):
    """One measurement."""

    date: str
    rows: int
    processor: str
    versions: dict[str, str]
    cells: list[Cell]


def read() -> Report:
    """What was measured last."""
    found: Report = json.loads(JSON.read_text(encoding="utf-8"))
    return found


def write(report: Report) -> None:
    """Keep what was measured, on the page as well."""
    JSON.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    SVG.write_text(picture(report).svg(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), report), encoding="utf-8")


def page(before: str, report: Report) -> str:
    """The page with this section."""
    return f"{before.partition(HEADING)[0]}{HEADING}\n{text(report)}\n![Rows per second]({SVG.name})\n"


def speed(report: Report, cell: Cell, side: Side) -> float:
    """Rows per second, the median of the rounds."""
    return report["rows"] / statistics.median(cell[side])


def ratio(cell: Cell) -> float:
    """Ours to theirs: the median of the rounds' ratios, as they were measured in turns."""
    ratios = [theirs / ours for ours, theirs in zip(cell["ours"], cell["theirs"], strict=True)]
    return statistics.median(ratios)


def growth(report: Report, cell: Cell, side: Side) -> str:
    """How many times as fast as on one core."""
    alone = next(one for one in report["cells"] if (one["engine"], one["cores"]) == (cell["engine"], 1))
    return f"{speed(report, cell, side) / speed(report, alone, side):.2f}"


def text(report: Report) -> str:
    """A table, and what it was measured on."""
    lines = [
        "| engine | cores | rows/s | growth | scikit-learn's rows/s | growth | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for cell in report["cells"]:
        ours, theirs = (f"{speed(report, cell, s):,.0f} | {growth(report, cell, s)}" for s in SIDES)
        lines.append(f"| {cell['engine']} | {cell['cores']} | {ours} | {theirs} | {ratio(cell):.2f} |")
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    return "\n".join(
        [
            f"Adult's forest on {report['rows']:,} of its rows, by `alpenglow.scorer` and by the pipeline's own",
            "`predict` in the same engine; growth is to one core, the ratio ours to scikit-learn's.",
            "",
            *lines,
            "",
            f"Measured on {report['date']} on {report['processor']}, the sides in turns, {rounds(report)}.",
            f"All processes had these cores alone, and both sides gave the same labels. {versions}.",
            "",
        ]
    )


def rounds(report: Report) -> str:
    """How often each side was measured."""
    number = len(report["cells"][0]["ours"])
    return f"medians of {number} rounds" if number > 1 else "in one round"


def picture(report: Report) -> Picture:
    """Both sides as bars."""
    bars = [
        Bar(
            f"{cell['engine']}, {cell['cores']} core{'s' if cell['cores'] > 1 else ''}, {name}",
            speed(report, cell, side),
            f"{speed(report, cell, side):,.0f}",
            side == "ours",
        )
        for cell in report["cells"]
        for side, name in SIDES.items()
    ]
    said = "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
    return Picture("Rows per second", said, "Rows per second", [], bars, f"{report['rows']:,} rows; {report['date']}")
