"""`docs/versions.json`, which `make matrix` writes, as the page `docs/versions.md`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

JSON = Path(__file__).parent / "versions.json"
PAGE = Path("docs/versions.md")


def read() -> list[dict[str, Any]]:
    """The last report: for each environment its packages, and what became of each pipeline."""
    found: list[dict[str, Any]] = json.loads(JSON.read_text(encoding="utf-8"))
    return found


def summary(environment: dict[str, Any]) -> str:
    """How many pipelines were exported there."""
    cells = [outcome["cell"] for outcome in environment["outcomes"].values()]
    written = sum(cell not in ("refused", "failed") for cell in cells)
    return f"scikit-learn {environment['packages']['scikit-learn']}: {written} of {len(cells)} exported"


def page(report: Sequence[dict[str, Any]]) -> str:
    """The page in Markdown."""
    packages = table(
        "package", [(name, [one["packages"][name] for one in report]) for name in report[0]["packages"]], report
    )
    outcomes = table(
        "pipeline",
        [(name, [one["outcomes"][name]["cell"] for one in report]) for name in report[0]["outcomes"]],
        report,
    )
    return f"{HEAD}\n{outcomes}\n{reasons(report)}\n## The environments\n\n{packages}"


def table(what: str, rows: Sequence[tuple[str, Sequence[str]]], report: Sequence[dict[str, Any]]) -> str:
    """One column for each environment, named by its scikit-learn."""
    names = [".".join(one["packages"]["scikit-learn"].split(".")[:2]) for one in report]
    lines = [f"| {what} | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)]) + "\n"


def reasons(report: Sequence[dict[str, Any]]) -> str:
    """Why what was refused was refused, each reason once."""
    found = {
        f"- {name}: {outcome['reason']}\n": None
        for one in report
        for name, outcome in one["outcomes"].items()
        if outcome["reason"]
    }
    return "".join(["Refused:\n\n", *found]) if found else "Nothing was refused.\n"


HEAD = """# Which versions it can be exported with

Written by `make matrix`, which makes an environment for each version of scikit-learn, with the other packages of its
time, fits typical pipelines there, exports them there with `alpenglow.export`, loads what was written with
`alpenglow.load`, and compares its answers with the pipeline's. The first environment has the oldest of all packages
that alpenglow works with; the second has old ones beside the newest packages for ONNX.

*exact*: all labels are the same, and numbers differ by at most 1e-12, relative to their size, on the rows of the table
and on the many more that the export itself compares. *1e-06* and the like: numbers are within this bound, which the
export takes for this estimator by itself and gives the reason for. *refused*: nothing was written, for the reason below
the table.
"""
