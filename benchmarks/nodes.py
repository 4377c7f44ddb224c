"""What a node that has nothing yet takes until it predicts: to unpack the layers of an image, and to start it."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.image_layers import layers, plain
from benchmarks.image_sizes import ALTERNATIVES, ANSWER, OURS, Contender, container, posted
from docs.scaling import Start
from tests.image.containers import exists

ROUNDS = 3
GZIP, ZSTD = ("gzip", "-6"), ("zstd", "-19", "--quiet")  # what `docker push` does, and what BuildKit can


def starts() -> list[Start]:
    """Every image of `make image-sizes` that is there, as `docker push` packs it, in turns; ours with zstd as well."""
    there: list[tuple[Contender, tuple[str, ...]]] = [
        (contender, GZIP) for contender in (OURS, *ALTERNATIVES) if exists(contender.tag)
    ]
    there.insert(1, (OURS, ZSTD))
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(number) for number in range(len(there))]
        found: list[Start] = [
            {
                "label": contender.label
                if packer is GZIP
                else f"{contender.label}, layers packed by {' '.join(ZSTD[:2])}",
                "compressed": packed(contender, packer, folder),
                "unpack": [],
                "start": [],
            }
            for (contender, packer), folder in zip(there, folders, strict=True)
        ]
        for _ in range(ROUNDS):
            for (contender, _), folder, start in zip(there, folders, found, strict=True):
                start["unpack"].append(unpacked(folder))
                start["start"].append(first_prediction(contender))
                print(f"  {start['label']}: {start['unpack'][-1]:.2f} s, {start['start'][-1]:.2f} s", flush=True)
    return found


def packed(contender: Contender, packer: tuple[str, ...], folder: Path) -> int:
    """Lay an image's layers down as a registry sends them; their bytes."""
    folder.mkdir()
    with layers(contender.tag) as found:
        for number, layer in enumerate(found):
            with tempfile.TemporaryFile() as tar, (folder / f"{number:02d}").open("wb") as to:
                shutil.copyfileobj(plain(layer), tar)
                tar.seek(0)
                subprocess.run(packer, stdin=tar, stdout=to, check=True)
    return sum(path.stat().st_size for path in folder.iterdir())


def unpacked(folder: Path) -> float:
    """Seconds to unpack all layers into a folder."""
    with tempfile.TemporaryDirectory() as target:
        start = time.perf_counter()
        for layer in sorted(folder.iterdir()):
            subprocess.run(["tar", "--extract", "--file", layer, "--directory", target], check=True)
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
