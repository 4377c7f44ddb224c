"""`alpenglow.scorer`: a model as one function over batches, for engines that run Python on many processors."""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from alpenglow._score.rows import Scored, Scoring, check_kept
from alpenglow._serve.errors import MOST_SHOWN, ValuesError
from alpenglow._serve.model import Model, load
from alpenglow._serve.verification import BUDGET, verify

try:
    import pyarrow as pa

    from alpenglow._score import answers
    from alpenglow._score.batches import ERROR, array, kind_of
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "alpenglow.scorer needs pyarrow: pip install 'alpenglow[score]'", name=missing.name
    ) from missing

Errors = Literal["raise", "column"]


class Scorer:
    """A function from a batch to the same with the columns of answers, and from an iterator of batches to another.

    A batch is a table of Arrow, pandas or Polars, or a dictionary of NumPy's arrays. It goes to other processes as the
    model's bytes; each process loads and verifies the model once, when it is first asked.
    """

    def __init__(
        self,
        content: bytes,
        outputs: Sequence[str] | None,
        keep: Sequence[str] | None,
        errors: Literal["raise", "column"],
    ) -> None:
        self.content, self.outputs, self.keep, self.errors = content, outputs, keep, errors

    def __reduce__(self) -> tuple[Any, ...]:
        return Scorer, (self.content, self.outputs, self.keep, self.errors)

    @cached_property
    def scoring(self) -> Scoring:
        """The model in this process."""
        return Scoring(loaded(self.content), self.outputs)

    @property
    def schema(self) -> str:
        """The columns of answers with their types, as SQL declares them."""
        more = [f"{ERROR} STRING"] if self.errors == "column" else []
        return ", ".join([*answers.declared(self.scoring), *more])

    def __call__(self, batches: Any) -> Any:
        """Score one batch, or each that an iterator gives.

        Raises:
            ValueError: Rows do not fit the model; the message names row and column, counted from the iterator's first.
        """
        return self.each(batches) if isinstance(batches, Iterator) else self.one(batches, 0)[0]

    def each(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Batch after batch."""
        first = 0
        for batch in batches:
            scored, rows = self.one(batch, first)
            yield scored
            first += rows

    def one(self, batch: Any, first: int) -> tuple[Any, int]:
        """A batch whose first row has that number, and how many it has."""
        kind = kind_of(batch)
        columns = kind.columns(batch)
        keep = list(columns) if self.keep is None else self.keep
        check_kept(keep, columns, [*self.scoring.outputs, ERROR] if self.errors == "column" else self.scoring.outputs)
        cells = {name: array(columns[name]) for name in self.scoring.inputs.names & columns.keys()}
        rows = len(next(iter(columns.values()), ()))
        scored = self.scoring.score(cells, range(first, first + rows))
        return kind.joined(batch, keep, self.answered(scored)), rows

    def answered(self, scored: Scored) -> Any:
        """The columns of answers in Arrow, a row for each row.

        Raises:
            ValueError: See `__call__`.
        """
        if scored.faults and self.errors == "raise":
            faults = [fault for error in scored.faults for fault in error.faults]
            total = sum(len(error.faults) + error.more for error in scored.faults)
            raise ValueError(str(ValuesError(faults[:MOST_SHOWN], total)))
        found = answers.table(self.scoring, scored.answers)
        if self.errors == "raise":
            return found
        places = pa.array(np.cumsum(scored.fits) - 1, mask=~scored.fits)
        texts = np.full(len(scored.fits), None, dtype=object)
        texts[~scored.fits] = ["; ".join(fault.detail for fault in error.faults) for error in scored.faults]
        return found.take(places).append_column(ERROR, pa.array(texts, pa.string()))

    def __repr__(self) -> str:
        signature = self.scoring.model.signature
        return f"<{signature.name} {signature.version}: {self.schema}>"


def scorer(
    model: str | Path | bytes,
    *,
    outputs: Sequence[str] | None = None,
    keep: Sequence[str] | None = None,
    errors: Errors = "raise",
) -> Scorer:
    """A model as one function over batches, with the checks and answers of `alpenglow serve`.

    Args:
        model: What `alpenglow.export` wrote, or its content.
        outputs: The columns of answers: `prediction`, and `probabilities` or `decision` where the model has them; None:
            all that it has.
        keep: The columns of a batch that stay in front of the answers; None: all.
        errors: What becomes of rows that do not fit: `raise`, or `column` for answers that are missing, and what is
            wrong in a column `error`.

    Raises:
        OSError: There is no such file.
        ModelError: It is no such model, or answers otherwise here than was proved.
        ValueError: It has no such output.
    """
    if errors not in ("raise", "column"):
        raise ValueError(f'errors: expected "raise" or "column", got {errors!r}')
    made = Scorer(model if isinstance(model, bytes) else Path(model).read_bytes(), outputs, keep, errors)
    _ = made.scoring
    return made


@lru_cache(maxsize=4)
def loaded(content: bytes) -> Model:
    """A model of this process, loaded and verified once.

    Raises:
        ModelError: It is none, or answers otherwise here than was proved.
    """
    with TemporaryDirectory(prefix="alpenglow-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(content)
        model = load(path)
        verify(model, path, BUDGET)
        return model
