"""A table to predictions: what all protocols do between a request's table and their own answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.errors import Faults, PartError, RowsError, TooManyRowsError
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.inputs import Encoded, Inputs
from alpenglow._serve.model import Model
from alpenglow._serve.table import Parts

if TYPE_CHECKING:
    from alpenglow._serve.counting.metrics import Metrics

Counts = dict[Any, int]
Write = Callable[[NDArray[Any]], bytes]


def values(array: NDArray[Any]) -> bytes:
    """The rows of an output as JSON, with commas between and no brackets around."""
    return msgspec.json.encode(array.tolist())[1:-1]


@dataclass
class Predictions:
    """What has been predicted of a table so far.

    `outputs` has what was written of each output that is asked for, part by part, and `last` the arrays of the last
    part; the counts are for the metrics.
    """

    outputs: list[list[bytes]]
    last: Sequence[NDArray[Any]] = ()
    labels: Counts = field(default_factory=dict)
    missing: Counts = field(default_factory=dict)
    unknown: Counts = field(default_factory=dict)
    rows: int = 0
    size: int = 0  # of all that is written


def add_up(counts: Counts, more: Counts) -> None:
    """Count more."""
    for key, n in more.items():
        counts[key] = counts.get(key, 0) + n


class Predictor:
    """A model with what it takes and how much of it at once, and the counters of what it did."""

    def __init__(self, model: Model, max_rows: int, max_answer: int) -> None:
        self.model = model
        self.signature = model.signature
        self.inputs = Inputs(model.signature.columns)
        self.typed = Typed(model.signature.columns)
        self.max_rows = max_rows
        self.max_answer = max_answer  # bytes
        self.metrics: Metrics | None = None  # once all paths are known

    def predict(
        self, parts: Parts, strict: bool = False, others: Sequence[str] = (), writes: Sequence[Write] = (values,)
    ) -> Predictions:
        """What is predicted: the labels or predictions, and then the other outputs of the graph that are asked for.

        Args:
            parts: The rows.
            strict: Whether unknown categories are refused where scikit-learn would ignore them.
            others: Names of outputs.
            writes: How to write each of them, `[N]` or `[N, K]`; if there is one for the first and one more, all others
                side by side.

        Raises:
            InputError: The table does not fit the signature.
            TooManyRowsError: It has more rows, or its answer more bytes, than one request may have.
        """
        faults, found = Faults(), Predictions([[] for _ in writes])
        for part in parts:
            found.rows += part.rows
            if found.rows > self.max_rows:
                raise TooManyRowsError(f"at most {self.max_rows} rows are taken at once: send them in parts")
            if isinstance(part, RowsError):
                faults.add(part)
                continue
            try:
                encoded = self.inputs.encode(part, strict)
            except PartError as error:
                faults.add(error)
                continue
            if not faults.found:
                self.add(found, part.rows, encoded, others, writes)
        if faults.found:
            raise faults.error()
        if self.metrics:
            self.metrics.predicted(found.rows, found.labels, found.missing, found.unknown)
        return found

    def add(
        self, found: Predictions, rows: int, encoded: Encoded, others: Sequence[str], writes: Sequence[Write]
    ) -> None:
        """Predict a part of the rows.

        Raises:
            TooManyRowsError: The answer would be too large.
        """
        arrays = self.model.predict(encoded.values, [self.model.answer, *others])
        if len(writes) == 2 < len(arrays):
            arrays = [arrays[0], np.hstack(arrays[1:])]
        found.last = arrays
        for array, write, pieces in zip(arrays, writes, found.outputs, strict=True):
            content = write(array)
            pieces.append(content)
            found.size += len(content)
        if found.size > self.max_answer:
            raise TooManyRowsError(
                f"the answer to these rows has more than {self.max_answer} bytes: send them in parts"
            )
        if self.metrics:
            if self.signature.classes:
                labels = arrays[0].tolist()
                add_up(found.labels, {labels[0]: 1} if rows == 1 else Counter(labels))
            elif self.signature.targets:
                for target, labels in zip(self.signature.targets, arrays[0].T.tolist(), strict=True):
                    add_up(found.labels, {(target.name, label): n for label, n in Counter(labels).items()})
            if encoded.missing:
                add_up(found.missing, encoded.missing)
            if encoded.unknown:
                add_up(found.unknown, encoded.unknown)

    def answer(self, parts: Parts, strict: bool, member: str = "predictions") -> tuple[bytes]:
        """`{"predictions": [...]}`, as most protocols have it."""
        (predictions,) = self.predict(parts, strict).outputs
        return (b'{"%b":[%b]}' % (member.encode(), b",".join(predictions)),)
