"""Parquet: columns stay what they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from alpenglow._score import answers as columns_of_answers
from alpenglow._score.batches import ARROW, array
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
        self.keep = schema.names if keep is None else list(keep)
        check_kept(self.keep, schema.names, scoring.outputs)
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
        size = rows_at_once(len(self.names))
        with self.open() as file:
            found = file.iter_batches(size, row_groups=list(range(group, len(self.groups))), use_threads=False)
            for rows in cut(map(pa.table, found), first - start, size):
                stop = first + rows.num_rows
                columns = {name: array(rows[name]) for name in self.scoring.inputs.names.intersection(self.names)}
                yield Batch(range(first, stop), columns, rows, {}, stop, stop / self.rows)
                first = stop

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
        self.writer.write_table(self.form.joined(chosen(kept, fits), answers))

    def close(self) -> None:
        """See `score.files.batch`."""
        self.writer.close()
        synced(self.file)


def cut(tables: Iterable[Any], skip: int, size: int) -> Iterator[Any]:
    """The rows of tables behind the first ones, in tables of a size, whatever size they come in; the last has fewer."""
    rest = None
    for table in tables:
        rest = table if rest is None else pa.concat_tables([rest, table])
        skipped = min(skip, rest.num_rows)
        rest, skip = rest.slice(skipped), skip - skipped
        while rest.num_rows >= size:
            yield rest.slice(0, size)
            rest = rest.slice(size)
    if rest is not None and rest.num_rows:
        yield rest


def chosen(rows: Any, fits: NDArray[Any]) -> Any:
    """The rows that fit, run by run: not all of Arrow's types can be picked from one by one."""
    ends = np.flatnonzero(np.diff(fits.astype(np.int8), prepend=0, append=0)).tolist()
    runs = [rows.slice(start, stop - start) for start, stop in zip(ends[::2], ends[1::2], strict=True)]
    return pa.concat_tables(runs) if runs else rows.schema.empty_table()
