"""What an image weighs, from its layers."""

import gzip
import json
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LEVEL = 6  # gzip's own default, and about what `docker push` does
CHUNK = 1 << 20
COMPRESSION = f"zlib {zlib.ZLIB_RUNTIME_VERSION}, gzip level {LEVEL}"


@dataclass(frozen=True)
class Size:
    """Bytes of the files in all layers, and of the layers as a registry stores them."""

    uncompressed: int
    compressed: int


def size(image: str) -> Size:
    """What all layers weigh; the same for every way in which Docker may store them."""
    with layers(image) as found:
        return Size(sum(map(files, found)), sum(map(gzipped, found)))


@contextmanager
def layers(image: str) -> Iterator[list[IO[bytes]]]:
    """Save the image: its layers, the lowest first, as Docker keeps them."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        subprocess.run(["docker", "save", "--output", archive, image], check=True)
        with tarfile.open(archive) as saved:
            manifest = json.load(extracted(saved, "manifest.json"))
            yield [extracted(saved, name) for name in manifest[0]["Layers"]]


def files(layer: IO[bytes]) -> int:
    """Bytes of the files in a layer: what `docker image ls` says, but for the text of symbolic links."""
    with tarfile.open(fileobj=plain(layer)) as archive:
        return sum(member.size for member in archive if member.isfile())


def gzipped(layer: IO[bytes]) -> int:
    """Bytes of a layer as gzip makes it."""
    source = plain(layer)
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    written = 0
    while chunk := source.read(CHUNK):
        written += len(compressor.compress(chunk))
    return written + len(compressor.flush())


def plain(layer: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    """The tar archive from its start, out of gzip where Docker keeps it so."""
    layer.seek(0)
    zipped = layer.read(2) == b"\x1f\x8b"
    layer.seek(0)
    return gzip.GzipFile(fileobj=layer) if zipped else layer


def extracted(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """A file in an archive.

    Raises:
        ValueError: It is a folder, or something else without content.
    """
    found = archive.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file")
    return found
