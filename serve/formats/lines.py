"""JSON Lines: a record or a row in each line, as SageMaker's serializer and batch transform write them."""

from codecs import BOM_UTF8
from collections.abc import Iterator

from alpenglow._serve.errors import InputError, MalformedError
from alpenglow._serve.formats import instances, json, pieces
from alpenglow._serve.formats.chunks import SIZE, SYNTAX, opening
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.table import Parts

EXPECTED = '{"...": ..., ...} or [...] in each line'


def parts(body: bytes, typed: Typed) -> Parts:
    """The table; all lines are of the first one's kind.

    Args:
        body: UTF-8, with a byte order mark or without. The last line's end may be there or not.
        typed: Decoders for the model.

    Raises:
        MalformedError: A line is no JSON, or empty.
        InputError: One is no row.
    """
    body = body.removeprefix(BOM_UTF8)
    first = checked(body[: end_of_line(body, 0)], 0)
    layout, general = instances.reader(opening(b"[%b]" % first), typed, EXPECTED, "#")
    return pieces.several(arrays(body), layout, general)


def arrays(body: bytes) -> Iterator[bytes]:
    """The lines as JSON arrays of some of them."""
    found: list[bytes] = []
    number = size = start = 0
    while start < len(body):
        end = end_of_line(body, start)
        found.append(checked(body[start:end], number))
        size += end - start
        number, start = number + 1, end + 1
        if size > SIZE:
            yield b"[%b]" % b",".join(found)
            found, size = [], 0
    if found:
        yield b"[%b]" % b",".join(found)


def end_of_line(body: bytes, start: int) -> int:
    """Where the line ends that begins there."""
    end = body.find(b"\n", start)
    return end if end >= 0 else len(body)


def checked(line: bytes, number: int) -> bytes:
    """The line, which is JSON by itself: not the first half of something.

    Raises:
        MalformedError: It is not.
    """
    if not line.strip():
        raise MalformedError(f"line {number} is empty: expected {EXPECTED}")
    try:
        return bytes(json.decode(line, SYNTAX, EXPECTED))
    except (MalformedError, InputError) as error:
        raise MalformedError(f"line {number}: {error}") from error
