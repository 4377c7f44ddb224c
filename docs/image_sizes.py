"""`docs/image-sizes.json` as a Markdown table and as a picture; `make image-sizes` measures what is in it.

`python -m docs.image_sizes` draws the picture anew without measuring.
"""

import json
from html import escape
from pathlib import Path
from typing import TypedDict

JSON = Path(__file__).parent / "image-sizes.json"
SVG = JSON.with_suffix(".svg")
# Where a base can be from.
PULLED = "pulled from its registry"
FOUND_HERE = "found on the machine that measured"
MADE_HERE = "made by debootstrap from Debian's packages, as the registry's image could not be pulled"

# The picture's measures, in its own units.
WIDTH, TOP, ROW, BAR = 800, 84, 40, 22
LEFT, LONGEST = 230, 330  # where the bars start; the longest bar

STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px }
  .note { font-size: 12px; fill: #59636e }
  .name { text-anchor: end }
  .ours { font-weight: 600 }
  .files { fill: #c3cbd4 }
  .packed { fill: #6e7781 }
  .files.ours { fill: #a5c9f3 }
  .packed.ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .files { fill: #4a525c }
    .packed { fill: #a9b3bd }
    .files.ours { fill: #1b4a80 }
    .packed.ours { fill: #6cb0ff }
  }
"""


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
    """Horizontal bars: the files of an image, and inside them what they take in a registry.

    The same report gives the same text.
    """
    images = report["images"]
    height = TOP + ROW * len(images) + 24
    scale = LONGEST / max(image["uncompressed"] for image in images)
    said = "; ".join(
        f"{image['label']}: {megabytes(image['uncompressed'])} MB, compressed {megabytes(image['compressed'])} MB"
        for image in images
    )
    here = any(image["base"]["origin"] != PULLED for image in images)
    footnote = f"{report['date']}, {report['architecture']}"
    if here:
        footnote += "; bases made on the machine, as no registry could be reached"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            ' role="img" aria-labelledby="title desc">',
            '<title id="title">Sizes of Docker images that serve the same model</title>',
            f'<desc id="desc">{escape(said)}</desc>',
            f"<style>{STYLE}</style>",
            '<text class="title" x="16" y="28">Docker images that serve the same model, in MB</text>',
            *legend(16, "files", "uncompressed"),
            *legend(150, "packed", "compressed, as a registry stores and sends it"),
            *(line for row, image in enumerate(images) for line in bar(image, report, TOP + ROW * row, scale)),
            f'<text class="note" x="16" y="{height - 10}">{escape(footnote)}</text>',
            "</svg>\n",
        ]
    )


def legend(x: int, kind: str, text: str) -> list[str]:
    """A square in a bar's colour, and what the colour means."""
    return [
        f'<rect class="{kind}" x="{x}" y="46" width="14" height="14" rx="2"/>',
        f'<text class="note" x="{x + 20}" y="57">{escape(text)}</text>',
    ]


def bar(image: Image, report: Report, y: int, scale: float) -> list[str]:
    """The row of one image; `scale` is units for a byte."""
    ours = image is report["images"][0]
    kind = " ours" if ours else ""
    files, packed = image["uncompressed"] * scale, image["compressed"] * scale
    sizes = f"{megabytes(image['uncompressed'])} / {megabytes(image['compressed'])}"
    ratio = "" if ours else f", {times(image, report)} times ours"
    baseline = y + BAR - 6
    return [
        f'<text class="name{kind}" x="{LEFT - 12}" y="{baseline}">{escape(image["label"])}</text>',
        f'<rect class="files{kind}" x="{LEFT}" y="{y}" width="{files:.1f}" height="{BAR}" rx="2"/>',
        f'<rect class="packed{kind}" x="{LEFT}" y="{y + 6}" width="{packed:.1f}" height="{BAR - 12}" rx="2"/>',
        f'<text class="value{kind}" x="{LEFT + files + 8:.1f}" y="{baseline}">{sizes}{ratio}</text>',
    ]


if __name__ == "__main__":
    draw()
