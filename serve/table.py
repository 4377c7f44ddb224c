"""Rows as a client sent them, whatever the format.

A request's table comes in parts of some hundred rows, each read when the one before it has been predicted: what a body
grows to is what a part grows to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from alpenglow._serve.errors import MOST_SHOWN, Fault, InputError, RowsError

Place = Callable[[int, str], str | None]
Row = tuple[Any, ...]


class Table(NamedTuple):
    """Columns by name, each with as many values as there are rows: JSON's values, NaN among the numbers possible.

    `place` gives the JSON Pointer to a value by its row and column, None where a format has no such thing; `header` is
    the pointer to where a column that is missing should have been; `first` is the number of its first row in the
    request.
    """

    columns: Mapping[str, Sequence[Any]]
    rows: int
    place: Place
    header: str | None = None
    first: int = 0


class Layout(NamedTuple):
    """The columns of rows, in their order: all of the model's, each once, and perhaps others.

    `read` reads a JSON array of them, whose first one has that number in the request; `numbers`, `texts` and `times`
    take from a row the values of the model's columns of that kind, in the signature's order.
    """

    names: Sequence[str]
    read: Callable[[bytes | Raw, int], Sequence[Row]]
    numbers: Callable[[Row], Row]
    texts: Callable[[Row], Row]
    times: Callable[[Row], Row]


class Rows(NamedTuple):
    """A table whose values are known to be of their columns' types, int, float, str or bool, or None.

    `table` reads the same again as it was sent, for whoever has to say what is wrong with it.
    """

    layout: Layout
    values: Sequence[Row]
    table: Callable[[], Table]
    first: int = 0

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.values)


def nowhere(row: int, name: str) -> None:
    """The `place` of a table that no pointer leads into."""


# An error is a part that cannot be read: the parts after it still can.
Part = Table | Rows | RowsError
Parts = Iterable[Part]


def check_names(names: Sequence[str], pointer: str | None) -> None:
    """Every column once.

    Raises:
        InputError: Names those that are there more than once.
    """
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        raise InputError([Fault(f"column {name!r} is given more than once", pointer, name) for name in twice])


def check_kind(rows: Sequence[Any], kind: type, at: str, first: int) -> None:
    """All rows are lists, or all are dicts.

    Raises:
        InputError: One is not.
    """
    if set(map(type, rows)) - {kind}:
        other = next(row for row, value in enumerate(rows, first) if type(value) is not kind)
        wanted = "an object" if kind is dict else "an array"
        fault = Fault(f"row {other}: expected {wanted}, as the first row is one", f"{at}/{other}", row=other)
        raise InputError([fault])


def check_widths(rows: Sequence[Sequence[Any]], width: int, pointer: str | None, of: str, first: int = 0) -> None:
    """At least one row, and each as long as the columns.

    Args:
        rows: Of values.
        width: How many values each must have.
        pointer: To the rows; None where the format has no pointers.
        of: What the values stand for, for the message.
        first: The number of the first row.

    Raises:
        RowsError: Names the rows that are wrong.
        InputError: There is none.
    """
    if not rows:
        raise no_rows(pointer)
    if set(map(len, rows)) != {width}:
        wrong = [i for i, row in enumerate(rows) if len(row) != width]
        faults = [
            Fault(
                f"row {first + i} has {len(rows[i])} values, expected {width}: one for each of {of}",
                below(pointer, first + i),
                row=first + i,
            )
            for i in wrong[:MOST_SHOWN]
        ]
        raise RowsError(faults, len(wrong), rows=len(rows))


def no_rows(pointer: str | None) -> InputError:
    """A table without a row."""
    return InputError([Fault("there are no rows to predict: expected at least one", pointer)])


def below(pointer: str | None, *steps: str | int) -> str | None:
    """A pointer to what is inside, as RFC 6901 writes it in a URI fragment (section 6)."""
    if pointer is None:
        return None
    return pointer + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
