"""`docs/image-report.json` as Markdown; `make image-report` measures what is in it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from docs import markdown

JSON = Path(__file__).parent / "image-report.json"


class Layer(TypedDict):
    """A layer of the image, in bytes: its files, and what a registry stores."""

    name: str
    uncompressed: int
    compressed: int


class Package(TypedDict):
    """Files that belong together: how many, and their bytes; `opened` are those of the files that are ever opened."""

    name: str
    files: int
    uncompressed: int
    compressed: int
    opened: int


class File(TypedDict):
    """A file that is never opened, in bytes."""

    path: str
    package: str
    size: int


class Report(TypedDict):
    """One measurement; packages and files are sorted, the largest first."""

    date: str
    docker: str
    architecture: str
    compression: str
    layers: list[Layer]
    packages: list[Package]
    never_opened: list[File]


def read(path: Path = JSON) -> Report:
    """What was measured last."""
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    return report


def write(report: Report, path: Path = JSON) -> None:
    """Keep what was measured."""
    path.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def shipped(report: Report) -> int:
    """Bytes of all files in the image."""
    return sum(package["uncompressed"] for package in report["packages"])


def opened(report: Report) -> int:
    """Bytes of the files that are ever opened."""
    return sum(package["opened"] for package in report["packages"])


def kilobytes(size: int) -> str:
    """Bytes as kB, 10^3 bytes."""
    return f"{size / 1000:,.0f}"


def layers(report: Report) -> list[list[str]]:
    """The layers, and their sum, below what each column means."""
    sizes = [(layer["uncompressed"], layer["compressed"]) for layer in report["layers"]]
    names = [layer["name"] for layer in report["layers"]]
    return [["layer", "kB", "compressed kB"], *rows(names, sizes)]


def packages(report: Report) -> list[list[str]]:
    """The packages, and their sum, below what each column means."""
    found = [package for package in report["packages"] if package["files"]]
    sizes = [(package["uncompressed"], package["compressed"], package["opened"]) for package in found]
    counts = [package["files"] for package in found]
    described = rows([package["name"] for package in found], sizes)
    return [
        ["package", "files", "kB", "compressed kB", "opened kB"],
        *([name, str(count), *kb] for (name, *kb), count in zip(described, [*counts, sum(counts)], strict=True)),
    ]


def rows(names: Sequence[str], sizes: Sequence[tuple[int, ...]]) -> list[list[str]]:
    """Each name with its sizes in kB, and the sums of all."""
    sums = tuple(map(sum, zip(*sizes, strict=True)))
    return [[name, *map(kilobytes, of_it)] for name, of_it in zip([*names, "all"], [*sizes, sums], strict=True)]


def sentence(report: Report) -> str:
    """What is shipped beside what is opened."""
    return (
        f"The image ships {shipped(report):,} bytes; {opened(report):,} of them are in files that are opened while it"
        " starts, serves over HTTP and HTTPS, refuses requests, loses processes, reloads and stops: a ratio of"
        f" {shipped(report) / opened(report):.2f}."
    )


def table() -> None:
    """Print the packages and the ratio for Markdown, with what must be known to read them."""
    report = read()
    print(markdown.table(packages(report)))
    print()
    print(sentence(report))
    print(
        f"Measured on {report['date']}, {report['architecture']}. kB are 10^3 bytes. Compressed: each package in an"
        f" archive of its own ({report['compression']})."
    )
