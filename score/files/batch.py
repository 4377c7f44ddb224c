"""What a file's format is to the command."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from alpenglow._serve.errors import InputError
from alpenglow._serve.model import PART

VALUES = 1 << 16  # of a batch, about; there are some in each thread


class Unread(NamedTuple):
    """A row that cannot be read: why, and as it stands in the file."""

    error: InputError
    content: Any


class Batch(NamedTuple):
    """Some rows of a file, one after the other.

    `numbers` are those of the rows that could be read, `columns` their values, as `score.rows` takes them, and `kept`
    what the format itself makes of them; `unread` has the others by their numbers; `stop` is the number of the row
    behind all of these, and `share` how much of the file has been read by then.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Any]
    kept: Any
    unread: Mapping[int, Unread]
    stop: int
    share: float


class Writer(Protocol):
    """Writes a part of the output."""

    def write(self, kept: Any, fits: NDArray[Any], answers: Mapping[str, NDArray[Any]]) -> None:
        """Some more rows: those of a batch that fit, with the answers to them."""

    def close(self) -> None:
        """The part is complete, and on the disk."""


class Format(Protocol):
    """Made for one input, with what is to be kept of it, and the answers."""

    def batches(self, first: int) -> Iterator[Batch]:
        """The rows from that number on."""

    def writer(self, path: Path) -> Writer:
        """What writes a part."""

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """Parts, in order, as the whole output."""

    def row(self, kept: Any, place: int) -> Any:
        """One row of a batch, as JSON has it."""


def rows_at_once(columns: int) -> int:
    """How many rows make a batch: whole parts of the model's, fewer where there are many columns."""
    return max(1, VALUES // max(1, columns) // PART) * PART
