"""CSV, read as the service reads it. What stands in it stays as it is: fields go from file to file as texts."""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from alpenglow._score.files.batch import Batch, Unread, rows_at_once
from alpenglow._score.files.text import concatenate, synced
from alpenglow._score.rows import ANSWER, Scoring, check_kept
from alpenglow._serve.errors import Fault, InputError, RowsError
from alpenglow._serve.formats.csv import LONGEST, values
from alpenglow._serve.signature import Signature, spelled, whose
from alpenglow._serve.table import check_names, check_widths

PROBABILITIES = "probabilities"
NO_UTF8 = re.compile("[\udc80-\udcff]")  # how Python keeps bytes that are no UTF-8


class Csv:
    """One file with a header."""

    def __init__(self, path: Path, scoring: Scoring, keep: Sequence[str] | None) -> None:
        """See `score.files.batch`.

        Raises:
            ValueError: The columns are not what they must be.
        """
        self.path, self.columns = path, scoring.columns
        with opened(path) as text:
            names = next(lines(text), None)
        if not isinstance(names, list):
            raise InputError([Fault(f"{path} has no line with the names of its columns")])
        check_names(names, None)
        self.names = names
        self.keep = names if keep is None else list(keep)
        self.titles = titles(scoring)
        check_kept(self.keep, names, self.titles)

    def batches(self, first: int) -> Iterator[Batch]:
        """See `score.files.batch`."""
        rows, size = rows_at_once(len(self.names)), self.path.stat().st_size
        with opened(self.path) as text:
            found = islice(lines(text), 1 + first, None)
            while some := list(islice(found, rows)):
                yield self.batch(some, first, os.lseek(text.fileno(), 0, os.SEEK_CUR) / size)
                first += len(some)

    def batch(self, found: list[list[str] | Unread], first: int, share: float) -> Batch:
        """Rows as a batch."""
        unread = {}
        for number, row in enumerate(found, first):
            if isinstance(row, Unread):
                fault = Fault(f"row {number}: {row.error}", row=number)
                unread[number] = Unread(InputError([fault]), row.content)
            elif len(row) != len(self.names):
                try:
                    check_widths([row], len(self.names), None, "the header's names", number)
                except RowsError as error:
                    unread[number] = Unread(error, row)
        numbers = [number for number in range(first, first + len(found)) if number not in unread]
        kept: list[Any] = [found[number - first] for number in numbers]
        fields = dict(zip(self.names, zip(*kept, strict=True) if kept else [()] * len(self.names), strict=True))
        columns = {c.name: values(fields[c.name], c) for c in self.columns if c.name in fields}
        return Batch(numbers, columns, kept, unread, first + len(found), share)

    def writer(self, path: Path) -> "Writer":
        """See `score.files.batch`."""
        return Writer(path, [self.names.index(name) for name in self.keep])

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `score.files.batch`."""
        header = io.StringIO()
        csv.writer(header, lineterminator="\n").writerow([*self.keep, *self.titles])
        with path.open("wb") as file:
            file.write(header.getvalue().encode())
            concatenate(parts, file)
            synced(file)

    def row(self, kept: list[list[str]], place: int) -> dict[str, str]:
        """See `score.files.batch`."""
        return dict(zip(self.names, kept[place], strict=True))


class Writer:
    """Writes a part, without a header."""

    def __init__(self, path: Path, places: Sequence[int]) -> None:
        self.file = path.open("w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.places = places

    def write(self, kept: list[list[str]], fits: NDArray[Any], answers: Mapping[str, NDArray[Any]]) -> None:
        """See `score.files.batch`."""
        rows = [[row[place] for place in self.places] for row in compress(kept, fits)]
        for array in answers.values():
            for row, found in zip(rows, array.reshape(len(rows), -1).tolist() if rows else (), strict=True):
                row.extend(map(spelled, found))
        self.writer.writerows(rows)

    def close(self) -> None:
        """See `score.files.batch`."""
        synced(self.file)


def opened(path: Path) -> io.TextIOWrapper:
    """A file whose lines may have bytes that are no UTF-8."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def lines(text: io.TextIOWrapper) -> Iterator[list[str] | Unread]:
    """The lines that are not empty, each as its fields, or several where a quoted field goes on."""
    csv.field_size_limit(LONGEST)
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in text:
            taken.append(line)
            yield line

    reader = csv.reader(noted(), strict=True)
    while True:
        taken.clear()
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield unread(f"the CSV cannot be read: {error}", taken)
            continue
        if row is None:
            return
        if not all(map(str.isascii, taken)) and NO_UTF8.search("".join(taken)):
            yield unread("it is not UTF-8", taken)
        elif row:
            yield row


def unread(reason: str, taken: Sequence[str]) -> Unread:
    """Lines that are no row."""
    return Unread(InputError([Fault(reason)]), NO_UTF8.sub("\N{REPLACEMENT CHARACTER}", "".join(taken)))


def titles(scoring: Scoring) -> list[str]:
    """The names of the answers' columns, one for each number, as the page at `/docs` adds them to a CSV file."""
    found: list[str] = []
    for name in scoring.outputs:
        width = scoring.width(name)
        found += [name] if width is None else numbered(scoring.model.signature, name, width)
    return found


def numbered(signature: Signature, name: str, width: int) -> list[str]:
    """The names of one answer's columns: by targets or classes where it has one for each, else by numbers."""
    if name == ANSWER:
        targets = [target.name for target in signature.targets or ()]
        return [f"{name} {target}" for target in targets or range(1, width + 1)]
    what, _, of = name.partition(".")
    owners = [own for own in whose(signature, () if of else (PROBABILITIES,)) if not of or own[0] == of]
    if len(owners) != width:
        return [f"{name} {at}" for at in range(1, width + 1)]
    what = "probability" if what == PROBABILITIES else what
    return [f"{what} of {': '.join(map(spelled, own if isinstance(own, tuple) else [own]))}" for own in owners]
