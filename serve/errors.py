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


class PartError(InputError):
    """Some rows of a table do not fit; what else is wrong with it is still to be looked at."""

    def __init__(
        self, faults: Sequence[Fault], total: int | None = None, summary: str | None = None, rows: int = 0
    ) -> None:
        """Take the first faults, how many there are in all, and of how many rows the part is that they are in."""
        super().__init__(faults, total, summary)
        self.rows = rows


class ColumnsError(PartError):
    """Columns are missing: in all parts the same."""


class RowsError(PartError):
    """Rows are not as long as the columns, or lack a name: nobody has looked at their values."""


class ValuesError(PartError):
    """Values are not what their columns take."""


class Faults:
    """What is wrong with the parts of a table, as if it had been looked at as a whole."""

    def __init__(self) -> None:
        self.found: dict[type[PartError], PartError] = {}

    def add(self, error: PartError) -> None:
        """Keep what will be shown of it, and count the rest; not the part that it is about, which its frames have."""
        kind = type(error)
        error.__traceback__ = error.__context__ = None
        before = self.found.get(kind)
        if before is None:
            self.found[kind] = error
        elif kind is not ColumnsError:
            total = sum(len(each.faults) + each.more for each in (before, error))
            self.found[kind] = kind([*before.faults, *error.faults][:MOST_SHOWN], total)

    def error(self) -> InputError:
        """What to say: of rows first, as their values may stand in the wrong columns."""
        kind = next(kind for kind in (RowsError, ColumnsError, ValuesError) if kind in self.found)
        found = self.found[kind]
        # Another one: what is raised refers to the frames that hold these.
        return kind(found.faults, len(found.faults) + found.more, str(found))


class UnfitError(ValueError):
    """Some value is not what its column takes: which one is still to be found."""


class MalformedError(ValueError):
    """The request's body cannot be read at all."""


class TooManyRowsError(ValueError):
    """The request's table has more rows than one request may have; the message names the limit."""


def shown(value: Any) -> str:
    """A value from a request, cut to a length that is fit for a message."""
    finite = type(value) is not float or math.isfinite(value)
    text = msgspec.json.encode(value).decode() if finite else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
