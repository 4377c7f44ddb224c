"""The datatypes of the Open Inference Protocol: those of columns and of outputs, and how their values lie in bytes.

https://github.com/kserve/open-inference-protocol (REST), and Triton's extension for binary tensor data.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.signature import Signature

# Of each type of a column or of labels; other datatypes of numbers are taken, too.
DATATYPES = {
    "number": "FP64",
    "boolean": "BOOL",
    "string": "BYTES",
    "integer": "INT64",
    "datetime": "BYTES",
    "duration": "BYTES",
}
NUMBERS = {
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
TIMES = frozenset({"BYTES", "INT64", "UINT64", "FP64"})  # that hold the milliseconds of our days
TAKEN = {
    "number": frozenset(NUMBERS),
    "boolean": frozenset({"BOOL"}),
    "string": frozenset({"BYTES"}),
    "datetime": TIMES,
    "duration": TIMES,
}
JSON_TYPES: dict[str, set[type]] = {
    "BOOL": {bool},
    "BYTES": {str},
    **{name: {int, float} for name in NUMBERS if name.startswith("FP")},
}
LENGTH = struct.Struct("<I")  # before each string of a BYTES tensor


def output_datatype(name: str, signature: Signature) -> str:
    """Labels are of the classes' type, or numbers of clusters; all else are float64."""
    return DATATYPES[signature.label_type or "integer"] if name == "label" else "FP64"


def strings(content: memoryview | bytes) -> Iterator[str]:
    """Each is its length, four bytes, and then so many bytes."""
    at = 0
    while at < len(content):
        if at + LENGTH.size > len(content):
            raise ValueError(f"{len(content) - at} bytes are no length of a string")
        (length,) = LENGTH.unpack_from(content, at)
        at += LENGTH.size + length
        if at > len(content):
            raise ValueError(f"a string of {length} bytes ends behind the tensor")
        yield bytes(content[at - length : at]).decode()


def to_bytes(array: NDArray[Any]) -> bytes:
    """An output, row by row."""
    if array.dtype.kind in "bif":
        return np.ascontiguousarray(array).tobytes()
    texts = [text.encode() for text in array.ravel().tolist()]
    return b"".join(LENGTH.pack(len(text)) + text for text in texts)
