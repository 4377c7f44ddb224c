"""Rows as a client sent them, whatever the format."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from serve.errors import MOST_SHOWN, Fault, InputError

Place = Callable[[int, str], str | None]
Row = tuple[Any, ...]


class Table(NamedTuple):
    """Columns by name, each with as many values as there are rows: JSON's values, NaN among the numbers possible.

    `place` gives the JSON Pointer to a value by its row and column, None where a format has no such thing; `header` is
    the pointer to where a column that is missing should have been.
    """

    columns: Mapping[str, Sequence[Any]]
    rows: int
    place: Place
    header: str | None = None


class Layout(NamedTuple):
    """The columns of rows, in their order: all of the model's, each once, and perhaps others.

    `numbers` and `texts` take from a row the values of the model's columns of that kind, in the signature's order.
    """

    names: Sequence[str]
    decode: Callable[[bytes | Raw], list[Row]]
    numbers: Callable[[Row], Row]
    texts: Callable[[Row], Row]


class Rows(NamedTuple):
    """A table whose values are known to be of their columns' types, float, str or bool, or None.

    `table` reads the same again as it was sent, for whoever has to say what is wrong with it.
    """

    layout: Layout
    values: Sequence[Row]
    table: Callable[[], Table]

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.values)


def check_names(names: Sequence[str], pointer: str | None) -> None:
    """Every column once.

    Raises:
        InputError: Names those that are there more than once.
    """
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        raise InputError([Fault(f"column {name!r} is given more than once", pointer, name) for name in twice])


def check_widths(rows: Sequence[Sequence[Any]], width: int, pointer: str | None, of: str) -> None:
    """At least one row, and each as long as the columns.

    Args:
        rows: Of values.
        width: How many values each must have.
        pointer: To the rows; None where the format has no pointers.
        of: What the values stand for, for the message.

    Raises:
        InputError: Names each row that is wrong.
    """
    if not rows:
        raise no_rows(pointer)
    if set(map(len, rows)) != {width}:
        wrong = [i for i, row in enumerate(rows) if len(row) != width]
        faults = [
            Fault(
                f"row {i} has {len(rows[i])} values, expected {width}: one for each of {of}", below(pointer, i), row=i
            )
            for i in wrong[:MOST_SHOWN]
        ]
        raise InputError(faults, len(wrong))


def no_rows(pointer: str | None) -> InputError:
    """A table without a row."""
    return InputError([Fault("there are no rows to predict: expected at least one", pointer)])


def below(pointer: str | None, *steps: str | int) -> str | None:
    """A pointer to what is inside, as RFC 6901 writes it in a URI fragment (section 6)."""
    if pointer is None:
        return None
    return pointer + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
