"""What a node that has nothing yet takes until it predicts: to unpack the layers of an image, and to start it."""

import gzip
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.image_layers import CHUNK, LEVEL, layers, plain
from benchmarks.image_sizes import ALTERNATIVES, ANSWER, OURS, Contender, container, posted
from docs import image_sizes
from docs.scaling import Start
from tests.image.containers import exists

ROUNDS = 3


def starts() -> list[Start]:
    """Every image of `make image-sizes` that is there, in turns."""
    there = [contender for contender in (OURS, *ALTERNATIVES) if exists(contender.tag)]
    sizes = {image["name"]: image["compressed"] for image in image_sizes.read()["images"]}
    found: list[Start] = [
        {"label": one.label, "compressed": sizes[one.name], "unpack": [], "start": []} for one in there
    ]
    with tempfile.TemporaryDirectory() as name:
        for contender in there:
            pull(contender, Path(name) / contender.name)
        for _ in range(ROUNDS):
            for contender, start in zip(there, found, strict=True):
                start["unpack"].append(unpacked(Path(name) / contender.name))
                start["start"].append(first_prediction(contender))
                print(f"  {contender.label}: {start['unpack'][-1]:.2f} s, {start['start'][-1]:.2f} s", flush=True)
    return found


def pull(contender: Contender, folder: Path) -> None:
    """Lay its layers down as a registry sends them."""
    folder.mkdir()
    with layers(contender.tag) as found:
        for number, layer in enumerate(found):
            source = plain(layer)
            with gzip.open(folder / f"{number:02d}.tar.gz", "wb", LEVEL) as packed:
                while chunk := source.read(CHUNK):
                    packed.write(chunk)


def unpacked(folder: Path) -> float:
    """Seconds to unpack all layers into a folder."""
    with tempfile.TemporaryDirectory() as target:
        start = time.perf_counter()
        for layer in sorted(folder.iterdir()):
            subprocess.run(["tar", "--extract", "--gzip", "--file", layer, "--directory", target], check=True)
        return time.perf_counter() - start


def first_prediction(contender: Contender) -> float:
    """Seconds from `docker run` to the first answer to a row, asked every 20 ms.

    Raises:
        RuntimeError: It does not answer, or not what it should.
    """
    body = contender.body()
    start = time.perf_counter()
    with container(contender) as (identity, url):
        answer = posted(identity, url, body, pause=0.02)
        seconds = time.perf_counter() - start
    if answer != ANSWER:
        raise RuntimeError(f"{contender.tag} answers {answer}, not {ANSWER}")
    return seconds
