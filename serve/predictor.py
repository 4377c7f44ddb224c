"""A table to predictions: what all protocols do between a request's table and their own answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from numpy.typing import NDArray

from serve.errors import TooManyRowsError
from serve.formats.typed import Typed
from serve.inputs import Inputs
from serve.model import Model
from serve.table import Rows, Table

if TYPE_CHECKING:
    from serve.metrics import Metrics


class Predictor:
    """A model with what it takes and how much of it at once, and the counters of what it did."""

    def __init__(self, model: Model, max_rows: int) -> None:
        self.model = model
        self.signature = model.signature
        self.names = [column.name for column in model.signature.columns]
        self.inputs = Inputs(model.signature.columns)
        self.typed = Typed(model.signature.columns)
        self.max_rows = max_rows
        self.metrics: Metrics | None = None  # once all paths are known

    def predict(self, table: Table | Rows, strict: bool = False, others: Sequence[str] = ()) -> list[NDArray[Any]]:
        """The labels or predictions, `[N]` or `[N, T]`, and then the other outputs of the graph that are asked for.

        Args:
            table: The rows.
            strict: Whether unknown categories are refused where scikit-learn would ignore them.
            others: Names of outputs.

        Raises:
            InputError: The table does not fit the signature.
            TooManyRowsError: It has more rows than one request may have.
        """
        if table.rows > self.max_rows:
            raise TooManyRowsError(
                f"at most {self.max_rows} rows are taken at once, not {table.rows}: send them in parts"
            )
        encoded = self.inputs.encode(table, strict)
        found = self.model.predict(encoded.values, [self.model.answer, *others])
        if self.metrics:
            labels = found[0].tolist() if self.signature.classes else ()
            self.metrics.predicted(table.rows, labels, encoded.missing, encoded.unknown)
        return found

    def answer(self, table: Table | Rows, strict: bool) -> bytes:
        """`{"predictions": [...]}`, as most protocols have it."""
        return msgspec.json.encode({"predictions": self.predict(table, strict)[0].tolist()})
