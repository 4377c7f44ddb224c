"""Lets a graph take all its numbers in one tensor, and all its texts and all its times, where its file has columns.

`export` joins the columns of a kind in the graph's first nodes and declares what comes out of them (`value_info`):

    age [N, 1], ..., hours-per-week [N, 1] ──Concat──▶ numbers [N, 6] ──▶ ...

ONNX Runtime spends half a microsecond on each input and two on the join, of some 20 for a row. So while the model is
loaded, the joined tensors become the graph's inputs, and the join and the columns' inputs go. In the file, the columns
stay what the graph takes: whatever reads ONNX can use it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

# Fields of onnx.proto, version 10 of the IR. No version has a field 3 of GraphProto, so parsers pass over it.
GRAPH = 7  # of ModelProto
NODE, DROPPED, INPUT, VALUE_INFO = 1, 3, 11, 13  # of GraphProto
NODE_INPUT, NODE_OUTPUT, OP_TYPE = 1, 2, 4  # of NodeProto
NAME = 1  # of ValueInfoProto
LENGTH_DELIMITED = 2  # a field's type on the wire (Protocol Buffers' documentation, "Encoding")
SIZES = {1: 8, 5: 4}  # of the other types but a varint


class Field(NamedTuple):
    """One field of a message: where its key stands, its number, and where its content begins and ends."""

    key: int
    number: int
    start: int
    end: int


@contextmanager
def joined(path: Path) -> Iterator[str]:
    """The path of a copy, in memory, of a model's file with joined inputs; the copy goes with the context.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no ONNX model.
    """
    copy = os.memfd_create("model")
    try:
        with path.open("rb") as file:
            while os.sendfile(copy, file.fileno(), None, 1 << 30):
                pass
        if os.fstat(copy).st_size:
            with mmap(copy, 0) as content:
                join(content)
        yield f"/proc/self/fd/{copy}"
    finally:
        os.close(copy)


def join(model: mmap | bytearray) -> None:
    """Change a model, in place: no field changes its length, only what kind of field it is.

    Raises:
        ValueError: It is no ONNX model.
    """
    graph = next((field for field in fields(model, 0, len(model)) if field.number == GRAPH), None)
    if graph is None:
        return
    found = list(fields(model, graph.start, graph.end))
    declared = {name(model, field): field for field in found if field.number == VALUE_INFO}
    joins = [field for field in found if field.number == NODE and text(model, field, OP_TYPE) == [b"Concat"]]
    columns: set[bytes] = set()
    for node in joins:
        (output,) = text(model, node, NODE_OUTPUT)
        if output in declared:
            columns.update(text(model, node, NODE_INPUT))
            become(model, declared[output], INPUT)
            become(model, node, DROPPED)
    for field in found:
        if field.number == INPUT and name(model, field) in columns:
            become(model, field, DROPPED)


def become(model: mmap | bytearray, field: Field, number: int) -> None:
    """Give a field another number; both are small enough for a key of one byte."""
    model[field.key] = number << 3 | LENGTH_DELIMITED


def name(model: mmap | bytearray, value: Field) -> bytes:
    """The name of a ValueInfoProto."""
    return b"".join(text(model, value, NAME)[:1])


def text(model: mmap | bytearray, message: Field, number: int) -> list[bytes]:
    """The contents of the fields of that number."""
    return [
        bytes(model[field.start : field.end])
        for field in fields(model, message.start, message.end)
        if field.number == number
    ]


def fields(content: mmap | bytearray, at: int, end: int) -> Iterator[Field]:
    """The fields of the message that lies between two places.

    Raises:
        ValueError: It is no message.
    """
    while at < end:
        key = at
        tag, at = varint(content, at, end)
        if tag & 7 == LENGTH_DELIMITED:
            length, at = varint(content, at, end)
            start, at = at, at + length
        elif tag & 7 == 0:
            start = at
            _, at = varint(content, at, end)
        elif tag & 7 in SIZES:
            start, at = at, at + SIZES[tag & 7]
        else:
            raise ValueError("a field has a type that Protocol Buffers do not have")
        if at > end:
            raise ValueError("a field ends behind the message that it is in")
        yield Field(key, tag >> 3, start, at)


def varint(content: mmap | bytearray, at: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while at < end and shift < 64:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number has no end")
