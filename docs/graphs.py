"""`docs/graphs.json`, which `make graphs` writes, as a Markdown table."""

import json
from pathlib import Path
from typing import Any

JSON = Path(__file__).parent / "graphs.json"


def read() -> dict[str, Any]:
    """The last measurement."""
    found: dict[str, Any] = json.loads(JSON.read_text(encoding="utf-8"))
    return found


def table() -> None:
    """Print ours beside skl2onnx's."""
    report = read()
    print("| Adult's forest as a graph | Alpenglow | skl2onnx | ratio |\n|---|--:|--:|--:|")
    for row in report["rows"]:
        ours, theirs = (number(row[side], row["unit"]) for side in ("ours", "theirs"))
        print(f"| {row['what']} | {ours} | {theirs} | {row['ours'] / row['theirs']:.2f} |")
    print(f"\nMeasured on {report['date']} {report['where']}, each load in a process of its own, the calls in turns.")


def number(value: float, unit: str) -> str:
    """A value with its unit, to three digits or whole."""
    digits = 0 if value >= 100 or value == int(value) else 1
    return f"{value:,.{digits}f} {unit}"
