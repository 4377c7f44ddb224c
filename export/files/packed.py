"""Files as they were before they were compressed, whatever their ending."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def content_of(path: Path) -> bytes:
    """What is in a file, uncompressed.

    Raises:
        OSError: There is no such file.
        Exception: As the compressor's, if it is damaged or not whole.
    """
    content = path.read_bytes()
    unpack = next((unpack for start, unpack in UNPACK.items() if content.startswith(start)), None)
    return content if unpack is None else unpack(content)


def unpack_lz4(content: bytes) -> bytes:
    """With a package that few have."""
    lz4: Any = import_module("lz4.frame")
    unpacked: bytes = lz4.decompress(content)
    return unpacked


# By what a file begins with; zlib's second byte is its level.
UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x5d\x00\x00": lzma.decompress,
    b"\x04\x22\x4d\x18": unpack_lz4,
    **dict.fromkeys([b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"], zlib.decompress),
}
