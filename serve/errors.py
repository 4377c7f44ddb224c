"""What can be wrong with a request, said without HTTP."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

MOST_SHOWN = 20


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong, and where.

    `pointer` is a JSON Pointer (RFC 6901) into the request's body, a URI fragment as in RFC 9457 section 3, where the
    body is JSON; `row` counts from 0.
    """

    detail: str
    pointer: str | None = None
    column: str | None = None
    row: int | None = None


class InputError(ValueError):
    """The request's table does not fit the model's signature: its message and its first faults say how."""

    def __init__(self, faults: Sequence[Fault], total: int | None = None, summary: str | None = None) -> None:
        """Take the first faults, how many there are in all, and a message that is better than the usual one."""
        total = total or len(faults)
        super().__init__(summary or (f"{total:,} faults, the first: " if total > 1 else "") + faults[0].detail)
        self.faults = faults[:MOST_SHOWN]
        self.more = total - len(self.faults)


class MalformedError(ValueError):
    """The request's body cannot be read at all."""


class TooManyRowsError(ValueError):
    """The request's table has more rows than one request may have; the message names the limit."""


def shown(value: Any) -> str:
    """A value from a request, cut to a length that is fit for a message."""
    finite = type(value) is not float or math.isfinite(value)
    text = msgspec.json.encode(value).decode() if finite else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
