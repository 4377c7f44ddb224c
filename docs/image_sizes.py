"""`docs/image-sizes.json` as a Markdown table and as a picture; `make image-sizes` measures what is in it.

`python -m docs.image_sizes` draws the picture anew without measuring.
"""

import json
from pathlib import Path
from typing import TypedDict

from docs.bars import Bar, Picture

JSON = Path(__file__).parent / "image-sizes.json"
SVG = JSON.with_suffix(".svg")
# Where a base can be from.
PULLED = "pulled from its registry"
FOUND_HERE = "found on the machine that measured"
MADE_HERE = "made by debootstrap from Debian's packages, as the registry's image could not be pulled"


class Base(TypedDict):
    """What an image is built on: the name in its Dockerfile, where the image for it was from, bytes."""

    name: str
    origin: str
    uncompressed: int


class Image(TypedDict):
    """An image and its size in bytes; versions of the packages that matter."""

    name: str
    label: str
    base: Base
    uncompressed: int
    compressed: int
    versions: dict[str, str]


class Report(TypedDict):
    """One measurement; the first image is ours."""

    date: str
    docker: str
    architecture: str
    compression: str
    images: list[Image]


def read(path: Path = JSON) -> Report:
    """What was measured last."""
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    return report


def write(report: Report) -> None:
    """Keep what was measured, and draw it."""
    JSON.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draw()


def draw() -> None:
    """Make the picture of what was measured last."""
    SVG.write_text(svg(read()), encoding="utf-8")


def megabytes(size: int) -> str:
    """Bytes as MB, 10^6 bytes."""
    return f"{size / 1e6:,.1f}"


def times(image: Image, report: Report) -> str:
    """How many of our images its files are as large as."""
    return f"{image['uncompressed'] / report['images'][0]['uncompressed']:.1f}"


def table() -> None:
    """Print the table for Markdown, with what must be known to read it."""
    report = read()
    print("| image | uncompressed MB | compressed MB | times ours |")
    print("|---|--:|--:|--:|")
    for image in report["images"]:
        sizes = [megabytes(image["uncompressed"]), megabytes(image["compressed"]), times(image, report)]
        print(f"| {image['label']} | {' | '.join(sizes)} |")
    print()
    for note in notes(report):
        print(note)


def notes(report: Report) -> list[str]:
    """How it was measured, and what the images were built on."""
    lines = [
        f"Measured on {report['date']}, {report['architecture']}, after each image had answered the same request with"
        " the same model; `docs/image-sizes.json` has the versions of what is in them.",
        f"MB are 10^6 bytes. Compressed: the layers as a registry stores them ({report['compression']}); times ours:"
        " uncompressed.",
    ]
    if made := bases(report, MADE_HERE):
        lines.append(f"{made}: base {MADE_HERE}.")
    if found := bases(report, FOUND_HERE):
        lines.append(f"{found}: {FOUND_HERE}, not pulled from a registry.")
    return lines


def bases(report: Report, origin: str) -> str:
    """The bases that are from there, each with its size."""
    found = {image["base"]["name"]: image["base"] for image in report["images"] if image["base"]["origin"] == origin}
    return " and ".join(f"`{name}` ({megabytes(base['uncompressed'])} MB)" for name, base in found.items())


def svg(report: Report) -> str:
    """Horizontal bars: the files of an image, and inside them what they take in a registry."""
    images = report["images"]
    said = "; ".join(
        f"{image['label']}: {megabytes(image['uncompressed'])} MB, compressed {megabytes(image['compressed'])} MB"
        for image in images
    )
    here = any(image["base"]["origin"] != PULLED for image in images)
    note = f"{report['date']}, {report['architecture']}"
    if here:
        note += "; bases made on the machine, as no registry could be reached"
    return Picture(
        title="Sizes of Docker images that serve the same model",
        said=said,
        heading="Docker images that serve the same model, in MB",
        legends=[("whole", "uncompressed"), ("part", "compressed, as a registry stores and sends it")],
        bars=[bar(image, report) for image in images],
        note=note,
    ).svg()


def bar(image: Image, report: Report) -> Bar:
    """The row of one image."""
    ours = image is report["images"][0]
    sizes = f"{megabytes(image['uncompressed'])} / {megabytes(image['compressed'])}"
    text = sizes if ours else f"{sizes}, {times(image, report)} times ours"
    return Bar(image["label"], image["uncompressed"], text, ours, image["compressed"])


if __name__ == "__main__":
    draw()
