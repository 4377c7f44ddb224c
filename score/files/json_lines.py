"""JSON lines: a record in each, read as the service reads records. What stands in a line stays as it is."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw
from numpy.typing import NDArray

from alpenglow._score.files.batch import Batch, Unread, rows_at_once
from alpenglow._score.files.text import concatenate, synced
from alpenglow._score.rows import Scoring, check_kept
from alpenglow._serve.errors import Fault, InputError, MalformedError, RowsError
from alpenglow._serve.formats import json, records

RECORD = msgspec.json.Decoder(dict[str, Any])
EXPECTED = "an object"


class JsonLines:
    """One file."""

    def __init__(self, path: Path, scoring: Scoring, keep: Sequence[str] | None) -> None:
        """See `score.files.batch`."""
        check_kept(keep or (), keep or (), scoring.outputs)
        self.path, self.answers, self.keep = path, set(scoring.outputs), keep
        self.wanted, self.names = [column.name for column in scoring.columns], scoring.inputs.names

    def batches(self, first: int) -> Iterator[Batch]:
        """See `score.files.batch`."""
        rows, size = rows_at_once(len(self.wanted)), self.path.stat().st_size
        with self.path.open("rb") as file:
            lines = islice((line for line in file if not line.isspace()), first, None)
            while some := list(islice(lines, rows)):
                yield self.batch(some, first, file.tell() / size)
                first += len(some)

    def batch(self, lines: list[bytes], first: int, share: float) -> Batch:
        """Lines as a batch."""
        found: dict[int, dict[str, Any]] = {}
        unread: dict[int, Unread] = {}
        for number, line in enumerate(lines, first):
            try:
                found[number] = self.record(line, number)
            except (MalformedError, RowsError, InputError) as error:
                unread[number] = Unread(fault(error, number), content(line))
        columns = {name: [record[name] for record in found.values()] for name in self.wanted}
        kept = [lines[number - first] for number in found]
        return Batch(list(found), columns, kept, unread, first + len(lines), share)

    def record(self, line: bytes, number: int) -> dict[str, Any]:
        """One line, which has all of the model's columns.

        Raises:
            ValueError: It has not, or is no record.
        """
        text = bare(line)
        record = json.decode(text, RECORD, EXPECTED)
        json.check_records(b"[%b]" % text, len(record), "#", number)
        for name in self.answers.intersection(record) if self.keep is None else ():
            raise InputError([Fault(f"row {number} has a {name!r} already, as an answer has", column=name, row=number)])
        if not self.names <= record.keys():
            raise records.lacking([record], self.wanted, "#", number)
        return record

    def writer(self, path: Path) -> "Writer":
        """See `score.files.batch`."""
        return Writer(path, self.keep)

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `score.files.batch`."""
        with path.open("wb") as file:
            concatenate(parts, file)
            synced(file)

    def row(self, kept: list[bytes], place: int) -> Any:
        """See `score.files.batch`."""
        return content(kept[place])


class Writer:
    """Writes a part."""

    def __init__(self, path: Path, keep: Sequence[str] | None) -> None:
        self.file = path.open("wb")
        self.keep = keep

    def write(self, kept: list[bytes], fits: NDArray[Any], answers: Mapping[str, NDArray[Any]]) -> None:
        """See `score.files.batch`."""
        answered = zip(*(array.tolist() for array in answers.values()), strict=True)
        for line, found in zip(compress(kept, fits), answered, strict=True):
            more = msgspec.json.encode(dict(zip(answers, found, strict=True)))
            self.file.write(b"%b%b\n" % (self.begun(line), more[1:]))

    def begun(self, line: bytes) -> bytes:
        """What is kept of a record, open for more members."""
        record = line.removeprefix(BOM_UTF8).strip()
        if self.keep is not None:
            members = json.MEMBERS.decode(bare(record))
            record = msgspec.json.encode({name: members[name] for name in self.keep if name in members})
        opened = record[:-1].rstrip()
        return opened if opened.endswith(b"{") else opened + b","

    def close(self) -> None:
        """See `score.files.batch`."""
        synced(self.file)


def bare(line: bytes) -> bytes:
    """A line as JSON has it, with null where Python writes NaN."""
    text = line.removeprefix(BOM_UTF8)
    return bytes(json.without_nan(text)) if b"NaN" in text else text


def fault(error: ValueError, number: int) -> InputError:
    """What is wrong with a line, with its number."""
    if isinstance(error, InputError) and error.faults[0].row is not None:
        return error
    return InputError([Fault(f"row {number}: {error}", row=number)])


def content(line: bytes) -> Any:
    """A line as JSON, as text if it is none."""
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return line.decode(errors="replace").strip()
    return Raw(line.strip())
