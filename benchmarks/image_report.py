"""`make image-report`: what each layer and package of the image weighs, and how much of it is ever opened.

Writes `docs/image-report.json`.
"""

import argparse
import platform
import shutil
import signal
import sys
from datetime import date

import urllib3

from benchmarks.image_contents import Contents, contents, package
from benchmarks.image_layers import COMPRESSION
from benchmarks.image_opened import opened
from docs import image_report
from tests.commands import run
from tests.image.containers import exists

MOST_FILES = 15  # that are listed


def main() -> int:
    """Measure, keep and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image_report", description=__doc__)
    parser.add_argument("--image", default="alpenglow", help="the image's name (default: alpenglow)")
    parser.add_argument("--alpine", default="3.24", help="Alpine's version, for strace (default: 3.24)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that containers are removed then, too
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    try:
        report = measure(arguments.image, arguments.alpine)
    except (AssertionError, RuntimeError) as error:
        print(f"image-report: {error}", file=sys.stderr)
        return 1
    image_report.write(report)
    show(report)
    return 0


def measure(image: str, alpine: str) -> image_report.Report:
    """Read the image, then watch it.

    Raises:
        AssertionError: Docker fails.
        RuntimeError: There is no Docker or no such image, or it is not as it should be or does not do as it should.
    """
    if not shutil.which("docker"):
        raise RuntimeError("install Docker first, such as docker.io of Debian's packages")
    if not exists(image):
        raise RuntimeError(f"there is no image {image}: make image")
    print(f"reading {image} ...", flush=True)
    there = contents(image)
    return described(
        there, opened(image, alpine, there), run("docker", "version", "--format={{.Server.Version}}").stdout.strip()
    )


def described(there: Contents, used: set[str], docker: str) -> image_report.Report:
    """All that was found, the largest first."""
    packages = [described_package(name, there, used) for name in there.packages]
    never = sorted((path for path in there.files if path not in used), key=lambda path: (-there.files[path], path))
    return {
        "date": date.today().isoformat(),
        "docker": docker,
        "architecture": platform.machine(),
        "compression": COMPRESSION,
        "layers": [
            {"name": name, "uncompressed": size.uncompressed, "compressed": size.compressed}
            for name, size in there.layers.items()
        ],
        "packages": sorted(packages, key=lambda found: (-found["uncompressed"], found["name"])),
        "never_opened": [
            {"path": path, "package": package(path), "size": there.files[path]} for path in never[:MOST_FILES]
        ],
    }


def described_package(name: str, there: Contents, used: set[str]) -> image_report.Package:
    """One package, possibly without files."""
    files = [path for path in there.files if package(path) == name]
    return {
        "name": name,
        "files": len(files),
        "uncompressed": there.packages[name].uncompressed,
        "compressed": there.packages[name].compressed,
        "opened": sum(there.files[path] for path in files if path in used),
    }


def show(report: image_report.Report) -> None:
    """Print everything."""
    never = [[file["path"], file["package"], image_report.kilobytes(file["size"])] for file in report["never_opened"]]
    for rows in (
        image_report.layers(report),
        image_report.packages(report),
        [["largest files that are never opened", "package", "kB"], *never],
    ):
        print(f"\n{aligned(rows)}")
    print(f"\n{image_report.sentence(report)}")


def aligned(rows: list[list[str]]) -> str:
    """Texts to the left, numbers below their heads to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numeric = [cell[:1].isdigit() for cell in rows[-1]]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
