"""Parquet: columns stay what they are."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alpenglow._score import answers as columns_of_answers
from alpenglow._score.batches import ARROW
from alpenglow._score.files.batch import Batch, rows_at_once
from alpenglow._score.files.text import synced
from alpenglow._score.rows import Scoring, check_kept

BUFFER = 1 << 16  # bytes of a column that are read at once: else it is a whole row group


class Parquet:
    """One file."""

    def __init__(self, path: Path, scoring: Scoring, keep: Sequence[str] | None) -> None:
        self.path, self.scoring = path, scoring
        with self.open() as file:
            schema, self.rows = file.schema_arrow, file.metadata.num_rows
            self.groups = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
        self.names = schema.names
        check_kept(keep or schema.names, schema.names, scoring.outputs)
        self.keep = schema.names if keep is None else list(keep)
        self.schema = self.joined(schema.empty_table(), scoring.nothing()).schema

    def open(self) -> Any:
        """The file, of which little is read at once."""
        return pq.ParquetFile(self.path, pre_buffer=False, buffer_size=BUFFER)

    def batches(self, first: int) -> Iterator[Batch]:
        """See `score.files.batch`."""
        group = start = 0
        while group < len(self.groups) and start + self.groups[group] <= first:
            start += self.groups[group]
            group += 1
        rest = list(range(group, len(self.groups)))
        with self.open() as file:
            for found in file.iter_batches(rows_at_once(len(self.names)), row_groups=rest, use_threads=False):
                stop = start + found.num_rows
                if stop > first:
                    rows = found.slice(max(0, first - start))
                    numbers = range(stop - rows.num_rows, stop)
                    yield Batch(numbers, ARROW.columns(rows), rows, {}, stop, stop / self.rows)
                start = stop

    def joined(self, rows: Any, answers: Mapping[str, NDArray[Any]]) -> Any:
        """What is kept of rows, with the answers to them."""
        return ARROW.joined(rows, self.keep, columns_of_answers.table(self.scoring, answers))

    def writer(self, path: Path) -> "Writer":
        """See `score.files.batch`."""
        return Writer(path, self)

    def join(self, parts: Sequence[Path], path: Path) -> None:
        """See `score.files.batch`."""
        whole = Writer(path, self)
        for part in parts:
            whole.writer.write_table(pq.read_table(part, schema=self.schema))
        whole.close()

    def row(self, kept: Any, place: int) -> Any:
        """See `score.files.batch`."""
        (found,) = kept.slice(place, 1).to_pylist()
        return found


class Writer:
    """Writes a part, or the whole."""

    def __init__(self, path: Path, form: Parquet) -> None:
        self.form = form
        self.file = path.open("wb")
        self.writer = pq.ParquetWriter(self.file, form.schema)

    def write(self, kept: Any, fits: NDArray[Any], answers: Mapping[str, NDArray[Any]]) -> None:
        """See `score.files.batch`."""
        rows = self.form.joined(pa.Table.from_batches([kept.filter(pa.array(fits))]), answers)
        self.writer.write_table(rows)

    def close(self) -> None:
        """See `score.files.batch`."""
        self.writer.close()
        synced(self.file)
