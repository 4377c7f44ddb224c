"""A JSON array in pieces that are arrays of some of its elements: what is read of it at once then has a bound.

A piece ends at a comma that looks as if it stood between two elements. Whether it does is known once the piece is found
to be JSON: an unfinished string or array before the comma would not be. Else the array is read from bracket to bracket.
"""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec
from msgspec import Raw

from alpenglow._serve.errors import Fault, InputError

SIZE = 1 << 15  # bytes
# Of one row, or names of one object, unless the model has as many columns; each takes 72 bytes, or 300 with a name.
MOST_VALUES = 1 << 14
SYNTAX = msgspec.json.Decoder(Raw)
# No part of these gives back what it has taken: they are linear whatever they are matched with.
STRING = rb'"(?:[^"\\]++|\\.)*+"'
STRINGS = re.compile(STRING, re.DOTALL)
FIRST = re.compile(rb"\[\s*+(.)", re.DOTALL)
BRACKETS = re.compile(STRING + rb"|[\[{]++|[\]}]++", re.DOTALL)
TOKENS = re.compile(STRING + rb"|[\[{]++|[\]}]++|,", re.DOTALL)
AFTER = re.compile(rb"\s*+(,)")
OUTSIDE = re.compile(rb'(?:[^"]++|' + STRING + rb")*+", re.DOTALL)
ROWS = re.compile(rb"\]\s*+(,)\s*+\[")
RECORDS = re.compile(rb"\}\s*+(,)\s*+\{")
TEXTS = re.compile(rb'"\s*+(,)\s*+["n]')
OTHERS = re.compile(rb"(,)")
COMMA = ord(",")
BETWEEN = {b"[": ROWS, b"{": RECORDS, b'"': TEXTS}


def chunks(array: bytes | Raw, size: int = SIZE, most: int = MOST_VALUES) -> Iterator[bytes | Raw]:
    """The array, which is known to be JSON, in order; all of it in one piece if it is small.

    Raises:
        InputError: One element has more values in it than most.
    """
    view = memoryview(array)
    if len(view) <= size:
        yield array
        return
    between = BETWEEN.get(opening(array), OTHERS)
    start = 1
    while start:
        end = ending(view, start, size, between)
        piece = b"".join((b"[", view[start:end], b"]")) if end else b"".join((b"[", view[start:]))
        if len(piece) > 2 * size:
            weigh(piece, most)
        yield piece
        start = end + 1 if end else 0


def opening(array: bytes | Raw) -> bytes:
    """The first byte of the first element."""
    found = FIRST.match(memoryview(array))
    return found[1] if found else b""


def ending(view: memoryview, start: int, size: int, between: re.Pattern[bytes]) -> int:
    """Where the comma is that ends a piece of about so many bytes; 0 if it is the last piece."""
    target = start + size
    if target >= len(view):
        return 0
    found = between.search(view, target, target + size)
    if found:
        end = found.start(1)
        try:
            SYNTAX.decode(b"".join((b"[", view[start:end], b"]")))
            return end
        except (msgspec.DecodeError, RecursionError):
            pass
    return exact(view, start, target, between)


def exact(view: memoryview, start: int, target: int, between: re.Pattern[bytes]) -> int:
    """The same, from bracket to bracket: the first comma from the target on that is in no string and in no brackets."""
    outside = OUTSIDE.match(view, start, target)
    at = outside.end() if outside else start
    before = STRINGS.sub(b"", view[start:at])
    depth = sum(map(before.count, (b"[", b"{"))) - sum(map(before.count, (b"]", b"}")))
    for found in (BRACKETS if between in (ROWS, RECORDS) else TOKENS).finditer(view, at):
        token = view[found.start()]
        if token in b"[{":
            depth += found.end() - found.start()
        elif token in b"]}":
            depth -= found.end() - found.start()
            if not depth and found.end() >= target and (comma := AFTER.match(view, found.end())):
                return comma.start(1)
        elif token == COMMA and not depth and found.start() >= target:
            return found.start()
    return 0


def weigh(piece: bytes, most: int) -> None:
    """A piece that has one large element must not have too many values.

    Raises:
        InputError: It has.
    """
    if piece.count(b",") + piece.count(b"[") + piece.count(b"{") > most:
        tokens = (found for found in TOKENS.finditer(piece) if piece[found.start()] in b",[{")
        if next(islice(tokens, most, None), None):
            raise InputError([Fault(f"a row has more than {most} values")])
