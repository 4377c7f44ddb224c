"""JSON text to values of the types that a format expects."""

import re
from codecs import BOM_UTF8
from typing import TypeVar

import msgspec

from serve.errors import Fault, InputError, MalformedError

T = TypeVar("T")
ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
# A string, or what Python's json and JavaScript's users write for a missing number.
NAN = re.compile(rb'"(?:[^"\\]|\\.)*"|\bNaN\b')
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def decode(body: bytes, decoder: msgspec.json.Decoder[T], expected: str) -> T:
    """Read a request's body.

    Args:
        body: UTF-8. `NaN` counts as null, as clients in Python write it for a missing value.
        decoder: Of the type that it must be.
        expected: The shape, in words for a message.

    Raises:
        MalformedError: It is not JSON.
        InputError: It is JSON of another shape.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InputError([shape_fault(str(error), expected)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if body.startswith(BOM_UTF8):  # which RFC 8259 section 8.1 lets a parser ignore
            return decode(body.removeprefix(BOM_UTF8), decoder, expected)
        if isinstance(error, msgspec.DecodeError) and b"NaN" in body:
            without = NAN.sub(lambda found: b"null" if found[0] == b"NaN" else found[0], body)
            if without != body:
                return decode(without, decoder, expected)
        raise MalformedError(malformed(body, error, expected)) from error


def attempt(body: bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """What the decoder reads; None where it does not."""
    try:
        return decoder.decode(body)
    except ERRORS:
        return None


def shape_fault(message: str, expected: str) -> Fault:
    """Read what msgspec says: "Expected `array`, got `int` - at `$.data[3]`"."""
    what, _, path = message.partition(" - at `$")
    pointer = "#" + path.removesuffix("`").replace("[", "/").replace("]", "").replace(".", "/")
    return Fault(f"{what[:1].lower()}{what[1:]}: expected {expected}", pointer)


def malformed(body: bytes, error: Exception, expected: str) -> str:
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
