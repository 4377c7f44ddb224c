"""Tensors of the Open Inference Protocol, as JSON or as bytes, to columns.

https://github.com/kserve/open-inference-protocol (REST), and Triton's extension for binary tensor data.
"""

import math
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from types import NoneType
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Raw, UnsetType

from alpenglow._serve.errors import MOST_SHOWN, Fault, InputError, shown
from alpenglow._serve.formats import columnwise, json
from alpenglow._serve.formats.chunks import SIZE, chunks
from alpenglow._serve.formats.columns import LEAST, VALUES
from alpenglow._serve.formats.datatypes import JSON_TYPES, NUMBERS, TAKEN, strings
from alpenglow._serve.signature import Column
from alpenglow._serve.table import Parts, Table, check_names, no_rows

BINARY = "application/octet-stream"
JSON_LENGTH = "Inference-Header-Content-Length"
STEP = 1 << 12  # numbers that are read at once
EXTENTS = msgspec.json.Decoder(list[int])
LONGEST, LARGEST = 1 << 8, (1 << 63) - 1  # a shape, in bytes, and an extent
# MLServer's codecs (its documentation, "Content Types"), as far as a column can be sent with them.
CONTENT_TYPES = {"BYTES": ("str", "np", "base64", "datetime"), "numbers": ("np",)}


class Parameters(msgspec.Struct):
    """Of an input: how many bytes it has behind the JSON, and what MLServer's clients write of its content."""

    binary_data_size: int | None = None
    content_type: str | None = None


class Tensor(msgspec.Struct):
    """One of a request's inputs."""

    name: str
    datatype: str
    extents: Raw = msgspec.field(name="shape")
    data: Raw | UnsetType = UNSET
    parameters: Parameters | None = None

    @property
    def shape(self) -> list[int]:
        """Once `check` has seen that it is one."""
        return EXTENTS.decode(self.extents)


def parts(tensors: Sequence[Tensor], binary: bytes, columns: Sequence[Column]) -> Parts:
    """The table: a tensor `[N]` or `[N, 1]` for each column, or one `[N, C]` for all of a model's numbers.

    Args:
        tensors: In any order; those that are no columns are ignored.
        binary: What follows the JSON, in the order of the tensors that say how many bytes of it are theirs.
        columns: The signature's.

    Raises:
        InputError: Names the tensor, what is wrong with it and what was expected.
    """
    check_names([tensor.name for tensor in tensors], "#/inputs")
    size = max(LEAST, SIZE // max(1, len(tensors)))
    contents = list(read(tensors, binary, size))
    if is_matrix(tensors, columns):
        return matrix(tensors[0], contents[0], [column.name for column in columns])
    kinds = {column.name: column for column in columns}
    places = {tensor.name: at for at, tensor in enumerate(tensors)}
    found, lengths = {}, {}
    for at, (tensor, content) in enumerate(zip(tensors, contents, strict=True)):
        if tensor.name in kinds:
            check_kind(tensor, kinds[tensor.name], f"#/inputs/{at}")
            found[tensor.name], lengths[tensor.name] = content, tensor.shape[0]
    if len(set(lengths.values())) > 1:
        raise InputError([Fault(f"the inputs have different numbers of rows: {some(lengths)}", "#/inputs")])
    if found and not next(iter(lengths.values())):
        raise no_rows("#/inputs")
    return columnwise.parts(found, lambda row, name: f"#/inputs/{places[name]}/data/{row}", "#/inputs")


def some(lengths: Mapping[str, int]) -> str:
    """The first few, for a message."""
    more = f" and {len(lengths) - MOST_SHOWN} more" if len(lengths) > MOST_SHOWN else ""
    return f"{dict(islice(lengths.items(), MOST_SHOWN))}{more}"


def is_matrix(tensors: Sequence[Tensor], columns: Sequence[Column]) -> bool:
    """Whether it is one tensor with a column for each of the model's, which are all numbers."""
    return (
        len(tensors) == 1
        and len(tensors[0].shape) == 2
        and tensors[0].shape[1] == len(columns) > 1
        and tensors[0].datatype in NUMBERS
        and all(column.type == "number" for column in columns)
    )


def matrix(tensor: Tensor, content: Iterator[Any], names: Sequence[str]) -> Parts:
    """The table of a tensor `[N, C]`, its columns in the order of the signature."""
    if not tensor.shape[0]:
        raise no_rows("#/inputs")
    width, first = len(names), 0
    while values := list(islice(content, columnwise.ROWS * width)):
        columns = {name: values[at::width] for at, name in enumerate(names)}
        rows = len(values) // width
        yield Table(
            columns, rows, lambda row, name: f"#/inputs/0/data/{row * width + names.index(name)}", "#/inputs", first
        )
        first += rows


def check_kind(tensor: Tensor, column: Column, pointer: str) -> None:
    """The datatype is one that the column takes, the shape that of a column."""
    taken = TAKEN[column.type]
    if tensor.datatype not in taken:
        some = ", ".join(name for name in (*NUMBERS, "BOOL", "BYTES") if name in taken)
        raise fault(tensor, f"expected a datatype of {some}, got {tensor.datatype}", f"{pointer}/datatype")
    if column.type == "string" and tensor.parameters and tensor.parameters.content_type == "datetime":
        raise fault(tensor, "expected text, got the content_type datetime", f"{pointer}/parameters/content_type")
    if len(tensor.shape) != 1 and tensor.shape[1:] != [1]:
        raise fault(tensor, f"expected the shape [N] or [N, 1], got {tensor.shape}", f"{pointer}/shape")


def read(tensors: Sequence[Tensor], binary: bytes, size: int) -> Iterator[Iterator[Any]]:
    """Each tensor's values, row by row.

    Raises:
        InputError: They are not of the datatype, or, when all have been read, not as many as the shape says.
    """
    view, start = memoryview(binary), 0
    for at, tensor in enumerate(tensors):
        pointer = f"#/inputs/{at}"
        check(tensor, pointer)
        length = tensor.parameters.binary_data_size if tensor.parameters else None
        if length is None:
            content = from_json(tensor, pointer, size)
        else:
            if not 0 <= length <= len(binary) - start:
                detail = f"binary_data_size is {length}, expected a number of at most {len(binary) - start} bytes"
                raise fault(tensor, detail, f"{pointer}/parameters/binary_data_size")
            content = from_bytes(tensor, view[start : start + length], pointer)
            start += length
        yield counted(tensor, decoded(tensor, content, pointer), pointer)
    if start != len(binary):
        raise InputError([Fault(f"{len(binary) - start} bytes of the body belong to no input", "#/inputs")])


def check(tensor: Tensor, pointer: str) -> None:
    """What a tensor says of itself is known here.

    Raises:
        InputError: It is not.
    """
    if tensor.datatype not in NUMBERS and tensor.datatype not in ("BOOL", "BYTES"):
        raise fault(tensor, f"{shown(tensor.datatype)} is no datatype that is known here", f"{pointer}/datatype")
    if len(memoryview(tensor.extents)) > LONGEST:
        raise fault(tensor, "expected a shape of one or two whole numbers", f"{pointer}/shape")
    shape = json.piece(tensor.extents, EXTENTS, "a shape of whole numbers", f"{pointer}/shape")
    if not shape or not all(0 <= extent <= LARGEST for extent in shape):
        raise fault(tensor, f"expected a shape of whole numbers, got {shape}", f"{pointer}/shape")
    kind = tensor.parameters.content_type if tensor.parameters else None
    taken = CONTENT_TYPES["BYTES" if tensor.datatype == "BYTES" else "numbers"]
    if kind is not None and kind not in taken:
        detail = f"expected the content_type {' or '.join(taken)} for {tensor.datatype}, got {shown(kind)}"
        raise fault(tensor, detail, f"{pointer}/parameters/content_type")


def counted(tensor: Tensor, values: Iterator[Any], pointer: str) -> Iterator[Any]:
    """The values, as many as the shape says."""
    expected, n = math.prod(tensor.shape), 0
    for n, value in enumerate(values, 1):
        if n > expected:
            break
        yield value
    if n != expected:
        n += sum(1 for _ in values)
        raise fault(tensor, f"the shape {tensor.shape} does not fit {n} values", f"{pointer}/shape")


def decoded(tensor: Tensor, values: Iterator[Any], pointer: str) -> Iterator[Any]:
    """Texts that MLServer's clients have sent as base64, as the texts that they are."""
    if not (tensor.parameters and tensor.parameters.content_type == "base64"):
        yield from values
        return
    for n, value in enumerate(values):
        try:
            yield value if value is None else b64decode(value, validate=True).decode()
        except ValueError as error:
            detail = f"value {n}: expected base64 of a text in UTF-8, got {shown(value)}"
            raise fault(tensor, detail, f"{pointer}/data/{n}") from error


def from_json(tensor: Tensor, pointer: str, size: int) -> Iterator[Any]:
    """Nested or flat lists of JSON values; null is a missing value."""
    array = Raw(b"null") if tensor.data is UNSET else tensor.data
    if bytes(memoryview(array)[:5]) == b"null":
        raise fault(tensor, "it has neither data nor parameters.binary_data_size", pointer)
    if bytes(memoryview(array)[:1]) != b"[":
        raise fault(tensor, f"expected an array of values, got {shown(array)}", f"{pointer}/data")
    taken = JSON_TYPES.get(tensor.datatype, {int})
    number = tensor.datatype in NUMBERS
    n, nested = 0, None
    for piece in chunks(array, size):
        values = json.piece(piece, VALUES, "a list of values", f"{pointer}/data", n)
        depth = 0
        while values and all(type(part) is list for part in values):
            values, depth = list(chain.from_iterable(values)), depth + 1
        if nested not in (None, depth):
            raise fault(tensor, "its lists are not all nested alike", f"{pointer}/data")
        nested = depth
        if not set(map(type, values)) <= taken | {NoneType}:
            wrong = next(at for at, value in enumerate(values) if type(value) not in taken and value is not None)
            detail = f"value {n + wrong}: expected {tensor.datatype}, got {shown(values[wrong])}"
            raise fault(tensor, detail, f"{pointer}/data/{n + wrong}")
        yield from cast(tensor, values, pointer) if number else values
        n += len(values)


def cast(tensor: Tensor, content: list[Any], pointer: str) -> list[Any]:
    """The numbers as the datatype has them, so that they are those of the same tensor in binary."""
    numbers = [value for value in content if value is not None]
    try:
        with np.errstate(over="ignore"):
            rounded = np.array(numbers, dtype=NUMBERS[tensor.datatype]).tolist()
    except OverflowError as error:
        raise fault(tensor, f"a number is out of the range of {tensor.datatype}", f"{pointer}/data") from error
    if len(numbers) == len(content):
        return list(rounded)
    rest = iter(rounded)
    return [value if value is None else next(rest) for value in content]


def from_bytes(tensor: Tensor, content: memoryview, pointer: str) -> Iterator[Any]:
    """Little-endian numbers, a byte for each boolean, strings of UTF-8 behind their lengths; NaN is a missing value."""
    if tensor.datatype == "BYTES":
        return texts(tensor, content, pointer)
    dtype = NUMBERS.get(tensor.datatype, np.dtype(np.bool_))
    if len(content) % dtype.itemsize:
        raise fault(tensor, f"{len(content)} bytes are no whole number of {tensor.datatype}", pointer)
    array = np.frombuffer(content, dtype=dtype)
    return chain.from_iterable(array[at : at + STEP].tolist() for at in range(0, len(array), STEP))


def texts(tensor: Tensor, content: memoryview, pointer: str) -> Iterator[str]:
    """The strings of a tensor."""
    try:
        yield from strings(content)
    except ValueError as error:
        raise fault(tensor, f"its strings cannot be read: {error}", pointer) from error


def fault(tensor: Tensor, detail: str, pointer: str) -> InputError:
    """What is wrong with one tensor."""
    return InputError([Fault(f"input {tensor.name!r}: {detail}", pointer, tensor.name)])
