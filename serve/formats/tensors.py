"""Tensors of the Open Inference Protocol, as JSON or as bytes, to columns; and arrays back to tensors.

https://github.com/kserve/open-inference-protocol (REST), and Triton's extension for binary tensor data.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from serve.errors import Fault, InputError, shown
from serve.signature import Column, Signature
from serve.table import Table, check_names, no_rows

BINARY = "application/octet-stream"
JSON_LENGTH = "Inference-Header-Content-Length"
# Of each type of a column or of labels; other datatypes of numbers are taken, too.
DATATYPES = {"number": "FP64", "boolean": "BOOL", "string": "BYTES", "integer": "INT64"}
NUMBERS = {
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
TAKEN = {"number": frozenset(NUMBERS), "boolean": frozenset({"BOOL"}), "string": frozenset({"BYTES"})}
JSON_TYPES: dict[str, set[type]] = {
    "BOOL": {bool},
    "BYTES": {str},
    **{name: {int, float} for name in NUMBERS if name.startswith("FP")},
}
LENGTH = struct.Struct("<I")  # before each string of a BYTES tensor


class Parameters(msgspec.Struct):
    """Of an input: how many bytes it has behind the JSON. Others are ignored."""

    binary_data_size: int | None = None


class Tensor(msgspec.Struct):
    """One of a request's inputs."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: Parameters | None = None


def table(tensors: Sequence[Tensor], binary: bytes, columns: Sequence[Column]) -> Table:
    """The table: a tensor `[N]` or `[N, 1]` for each column, or one `[N, C]` for all of a model's numbers.

    Args:
        tensors: In any order; those that are no columns are ignored.
        binary: What follows the JSON, in the order of the tensors that say how many bytes of it are theirs.
        columns: The signature's.

    Raises:
        InputError: Names the tensor, what is wrong with it and what was expected.
    """
    check_names([tensor.name for tensor in tensors], "#/inputs")
    contents = list(read(tensors, binary))
    if is_matrix(tensors, columns):
        return matrix(tensors[0], contents[0], [column.name for column in columns])
    kinds = {column.name: column for column in columns}
    places = {tensor.name: at for at, tensor in enumerate(tensors)}
    found = {}
    for at, (tensor, content) in enumerate(zip(tensors, contents, strict=True)):
        if tensor.name in kinds:
            check_kind(tensor, kinds[tensor.name], f"#/inputs/{at}")
            found[tensor.name] = content
    lengths = {name: len(content) for name, content in found.items()}
    if len(set(lengths.values())) > 1:
        raise InputError([Fault(f"the inputs have different numbers of rows: {lengths}", "#/inputs")])
    rows = next(iter(lengths.values()), 0)
    if found and not rows:
        raise no_rows("#/inputs")
    return Table(found, rows, lambda row, name: f"#/inputs/{places[name]}/data/{row}", "#/inputs")


def is_matrix(tensors: Sequence[Tensor], columns: Sequence[Column]) -> bool:
    """Whether it is one tensor with a column for each of the model's, which are all numbers."""
    return (
        len(tensors) == 1
        and len(tensors[0].shape) == 2
        and tensors[0].shape[1] == len(columns) > 1
        and tensors[0].datatype in NUMBERS
        and all(column.type == "number" for column in columns)
    )


def matrix(tensor: Tensor, content: list[Any], names: Sequence[str]) -> Table:
    """The table of a tensor `[N, C]`, its columns in the order of the signature."""
    if not content:
        raise no_rows("#/inputs")
    width = len(names)
    columns = {name: content[at::width] for at, name in enumerate(names)}
    return Table(columns, tensor.shape[0], lambda row, name: f"#/inputs/0/data/{row * width + names.index(name)}")


def check_kind(tensor: Tensor, column: Column, pointer: str) -> None:
    """The datatype is one that the column takes, the shape that of a column."""
    taken = TAKEN[column.type]
    if tensor.datatype not in taken:
        some = ", ".join(name for name in (*NUMBERS, "BOOL", "BYTES") if name in taken)
        raise fault(tensor, f"expected a datatype of {some}, got {tensor.datatype}", f"{pointer}/datatype")
    if len(tensor.shape) != 1 and tensor.shape[1:] != [1]:
        raise fault(tensor, f"expected the shape [N] or [N, 1], got {tensor.shape}", f"{pointer}/shape")


def read(tensors: Sequence[Tensor], binary: bytes) -> Iterator[list[Any]]:
    """Each tensor's values in one list, row by row.

    Raises:
        InputError: They are not of the datatype, or not as many as the shape says.
    """
    start = 0
    for at, tensor in enumerate(tensors):
        pointer = f"#/inputs/{at}"
        if tensor.datatype not in NUMBERS and tensor.datatype not in ("BOOL", "BYTES"):
            raise fault(tensor, f"{tensor.datatype!r} is no datatype that is known here", f"{pointer}/datatype")
        if any(extent < 0 for extent in tensor.shape) or not tensor.shape:
            raise fault(tensor, f"expected a shape of whole numbers, got {tensor.shape}", f"{pointer}/shape")
        size = tensor.parameters.binary_data_size if tensor.parameters else None
        if size is None:
            content = from_json(tensor, pointer)
        else:
            if not 0 <= size <= len(binary) - start:
                detail = f"binary_data_size is {size}, expected a number of at most {len(binary) - start} bytes"
                raise fault(tensor, detail, f"{pointer}/parameters/binary_data_size")
            content = from_bytes(tensor, binary[start : start + size], pointer)
            start += size
        if len(content) != math.prod(tensor.shape):
            raise fault(tensor, f"the shape {tensor.shape} does not fit {len(content)} values", f"{pointer}/shape")
        yield content
    if start != len(binary):
        raise InputError([Fault(f"{len(binary) - start} bytes of the body belong to no input", "#/inputs")])


def from_json(tensor: Tensor, pointer: str) -> list[Any]:
    """Nested or flat lists of JSON values; null is a missing value."""
    content = tensor.data
    if content is None:
        raise fault(tensor, "it has neither data nor parameters.binary_data_size", pointer)
    while content and all(type(part) is list for part in content):
        content = list(chain.from_iterable(content))
    taken = JSON_TYPES.get(tensor.datatype, {int})
    wrong = next((at for at, value in enumerate(content) if type(value) not in taken and value is not None), None)
    if wrong is not None:
        raise fault(
            tensor, f"value {wrong}: expected {tensor.datatype}, got {shown(content[wrong])}", f"{pointer}/data/{wrong}"
        )
    return content if tensor.datatype in ("BOOL", "BYTES") else cast(tensor, content, pointer)


def cast(tensor: Tensor, content: list[Any], pointer: str) -> list[Any]:
    """The numbers as the datatype has them, so that they are those of the same tensor in binary."""
    numbers = [value for value in content if value is not None]
    try:
        with np.errstate(over="ignore"):
            rounded = iter(np.array(numbers, dtype=NUMBERS[tensor.datatype]).tolist())
    except OverflowError as error:
        raise fault(tensor, f"a number is out of the range of {tensor.datatype}", f"{pointer}/data") from error
    return [value if value is None else next(rounded) for value in content]


def from_bytes(tensor: Tensor, content: bytes, pointer: str) -> list[Any]:
    """Little-endian numbers, a byte for each boolean, strings of UTF-8 behind their lengths; NaN is a missing value."""
    if tensor.datatype == "BYTES":
        try:
            return list(strings(content))
        except ValueError as error:
            raise fault(tensor, f"its strings cannot be read: {error}", pointer) from error
    dtype = NUMBERS.get(tensor.datatype, np.dtype(np.bool_))
    if len(content) % dtype.itemsize:
        raise fault(tensor, f"{len(content)} bytes are no whole number of {tensor.datatype}", pointer)
    values: list[Any] = np.frombuffer(content, dtype=dtype).tolist()
    return values


def strings(content: bytes) -> Iterator[str]:
    """Each is its length, four bytes, and then so many bytes."""
    at = 0
    while at < len(content):
        if at + LENGTH.size > len(content):
            raise ValueError(f"{len(content) - at} bytes are no length of a string")
        (length,) = LENGTH.unpack_from(content, at)
        at += LENGTH.size + length
        if at > len(content):
            raise ValueError(f"a string of {length} bytes ends behind the tensor")
        yield content[at - length : at].decode()


def fault(tensor: Tensor, detail: str, pointer: str) -> InputError:
    """What is wrong with one tensor."""
    return InputError([Fault(f"input {tensor.name!r}: {detail}", pointer, tensor.name)])


def output_datatype(name: str, signature: Signature) -> str:
    """Labels are of the classes' type, or numbers of clusters; all else are float64."""
    return DATATYPES[signature.label_type or "integer"] if name == "label" else "FP64"


def datatype(array: NDArray[Any]) -> str:
    """What the protocol calls an output's elements."""
    return {"b": "BOOL", "i": "INT64", "f": "FP64"}.get(array.dtype.kind, "BYTES")


def to_bytes(array: NDArray[Any]) -> bytes:
    """An output, row by row."""
    if array.dtype.kind in "bif":
        return np.ascontiguousarray(array).tobytes()
    texts = [text.encode() for text in array.ravel().tolist()]
    return b"".join(LENGTH.pack(len(text)) + text for text in texts)
