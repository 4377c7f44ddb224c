"""JSON text to values of the types that a format expects."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw

from alpenglow._serve.errors import Fault, InputError, MalformedError
from alpenglow._serve.formats.chunks import STRING
from alpenglow._serve.formats.text import check_utf8
from alpenglow._serve.table import below

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
# What Python's json and JavaScript's users write for a missing number, and all before it: no part gives back what it
# has taken, so that this is linear.
NAN = re.compile(rb"(?:[^\"N]++|" + STRING + rb"|N(?!aN\b))*+(NaN)", re.DOTALL)
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
STRINGS = re.compile(STRING + rb"(\s*+:)?", re.DOTALL)
NAME = re.compile(rb"\s*+[{,]\s*+(" + STRING + rb")\s*+:\s*+", re.DOTALL)
MEMBERS = msgspec.json.Decoder(dict[str, Raw])
RECORDS = msgspec.json.Decoder(list[dict[str, Any]])
ROWS = msgspec.json.Decoder(list[Raw])
ENDING = re.compile(rb"\s*+(?:\{\s*+)?\}")
OPENING = re.compile(rb"\s*+(.)", re.DOTALL)
SHORTEST = len('"data":0,')  # what is given twice takes at least as much


def decode(body: bytes | bytearray, decoder: msgspec.json.Decoder[T], expected: str) -> T:
    """Read a request's body.

    Args:
        body: UTF-8. `NaN` counts as null, as clients in Python write it for a missing value.
        decoder: Of the type that it must be; what it keeps as `Raw` is JSON, whatever it is of.
        expected: The shape, in words for a message.

    Raises:
        MalformedError: It is not JSON.
        InputError: It is JSON of another shape.
    """
    try:
        found = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InputError([shape_fault(str(error), expected)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if body.startswith(BOM_UTF8) and not body.startswith(BOM_UTF8, len(BOM_UTF8)):
            return decode(body.removeprefix(BOM_UTF8), decoder, expected)  # as RFC 8259 section 8.1 allows
        if isinstance(error, msgspec.DecodeError) and b"NaN" in body:
            without = without_nan(body)
            if len(without) != len(body):
                return decode(without, decoder, expected)
        raise MalformedError(malformed(body, error, expected)) from error
    check_utf8(body)
    return found


def piece(content: bytes | Raw, decoder: msgspec.json.Decoder[T], expected: str, at: str, first: int = 0) -> T:
    """Read a part of a body that `decode` has kept as `Raw`.

    Args:
        content: JSON.
        decoder: Of the type that it must be.
        expected: The body's shape, in words for a message.
        at: The pointer to it.
        first: Of a part of an array: which of its elements that begins with.

    Raises:
        InputError: It is of another type.
        MalformedError: It has what is no text.
    """
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise InputError([shape_fault(str(error), expected, at, first)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(malformed(bytes(memoryview(content)), error, expected)) from error


def without_nan(body: bytes | bytearray) -> bytearray:
    """The same with null in the place of `NaN`, but in strings."""
    found, at = bytearray(), 0
    while nan := NAN.match(body, at):
        found += body[at : nan.start(1)]
        found += b"null"
        at = nan.end()
    found += body[at:]
    return found


def opening(content: bytes | Raw) -> bytes:
    """The first byte of JSON that is no space."""
    found = OPENING.match(memoryview(content))
    return found[1] if found else b""


def envelope(content: bytes | Raw, decoder: msgspec.json.Decoder[S], expected: str, at: str, most: int) -> S:
    """Read an object whose members are kept as `Raw`; none of them is given twice.

    Args:
        content: JSON.
        decoder: Of the object; its members are `Raw`, or may be unset.
        expected: The body's shape, in words for a message.
        at: The pointer to it.
        most: How many members an object may have.

    Raises:
        InputError: It is something else, or has a member twice.
    """
    found = piece(content, decoder, expected, at)
    rest = len(memoryview(content))
    for name in found.__struct_fields__:
        if (value := getattr(found, name)) is not UNSET:
            rest -= len(name) + len('"":,') + len(memoryview(value))
    if rest >= SHORTEST:
        members(content, at, most)
    return found


def members(content: bytes | Raw, at: str, most: int) -> dict[str, Raw]:
    """An object's members, none of them twice, where msgspec takes the last one (RFC 8259 section 4).

    Args:
        content: JSON, an object.
        at: The pointer to it.
        most: How many members it may have, with those that are inside.

    Raises:
        InputError: It has a member twice, or more.
    """
    view = memoryview(content)
    if bytes(view).count(b":") > most:
        check_few(view, at, most)
    found = MEMBERS.decode(content)
    place, seen, name = 0, set(), ""
    while member := NAME.match(view, place):
        name = msgspec.json.decode(member[1])
        place = member.end()
        value = memoryview(found[name])
        if name in seen or view[place : place + len(value)] != value:
            raise twice(name, at)
        seen.add(name)
        place += len(value)
    if not ENDING.match(view, place):  # the last value found is only the beginning of this one
        raise twice(name, at)
    return found


def check_few(view: memoryview, at: str, most: int) -> None:
    """An object does not have too many members.

    Raises:
        InputError: It has.
    """
    names = (found for found in STRINGS.finditer(view) if found.lastindex)
    if next(islice(names, most, None), None):
        raise InputError([Fault(f"there are more than {most} names", at)])


def check_records(array: bytes | Raw, names: int, at: str, first: int) -> None:
    """None of an array's objects has a member twice.

    Args:
        array: JSON.
        names: How many members have been read from it.
        at: The pointer to the whole array.
        first: Which of its elements this part begins with.

    Raises:
        InputError: One has.
    """
    content = bytes(memoryview(array))
    if content.count(b":") == names:  # there is at least one for each member
        return
    try:
        check_each(content, at, first)
    except RecursionError as error:
        raise MalformedError("the body is nested too deeply") from error


def check_each(content: bytes, at: str, first: int) -> None:
    """The same, when the counts differ."""
    records = RECORDS.decode(content)
    flat = {dict, list}.isdisjoint(map(type, chain.from_iterable(map(dict.values, records))))
    if flat and sum(found.lastindex is not None for found in STRINGS.finditer(content)) == sum(map(len, records)):
        return
    for row, record in enumerate(ROWS.decode(content), first):

        def unique(pairs: list[tuple[str, Any]], row: int = row) -> None:
            seen = set()
            for name, _ in pairs:
                if name in seen:
                    raise twice(name, f"{at}/{row}", row)
                seen.add(name)

        json.loads(bytes(memoryview(record)), object_pairs_hook=unique, parse_int=len, parse_float=len)


def twice(name: str, at: str, row: int | None = None) -> InputError:
    """A member is given twice."""
    where = "" if row is None else f"row {row}: "
    return InputError([Fault(f"{where}the member {name!r} is given more than once", below(at, name), row=row)])


def shape_fault(message: str, expected: str, at: str = "#", first: int = 0) -> Fault:
    """Read what msgspec says: "Expected `array`, got `int` - at `$.data[3]`"."""
    what, _, path = message.partition(" - at `$")
    steps: Sequence[str] = path.removesuffix("`").replace("[", "/").replace("]", "").replace(".", "/").split("/")[1:]
    if first and steps and steps[0].isdigit():
        steps = [str(int(steps[0]) + first), *steps[1:]]
    return Fault(f"{what[:1].lower()}{what[1:]}: expected {expected}", "/".join([at, *steps]))


def malformed(body: bytes | bytearray, error: Exception, expected: str) -> str:
    """What is wrong with the text, with a hint for what clients get wrong most."""
    if not body:
        return f"the body is empty: expected {expected}"
    if isinstance(error, RecursionError):
        return f"the body is nested too deeply: expected {expected}"
    if isinstance(error, UnicodeDecodeError):
        return f"the body is not UTF-8: {error.reason} at byte {error.start}"
    if SURROGATE.search(body):
        return f"{error}, or has half of a surrogate pair: \\ud800 to \\udfff are no characters alone"
    if str(error) == "Input data was truncated":
        return "the JSON ends before it is complete"
    hint = ". Infinity is no JSON, and no number that a model takes" if b"Infinity" in body else ""
    return f"{error}{hint}"
