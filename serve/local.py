"""A model on a table in this process, without a server: `alpenglow.load`."""

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._serve import model as models
from alpenglow._serve.errors import Fault, InputError
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.model import Model
from alpenglow._serve.signature import SHARES, Signature
from alpenglow._serve.table import Table, no_rows, nowhere
from alpenglow._serve.times import DAY, duration_text, moment_text

TIMES = (date, timedelta, np.datetime64, np.timedelta64)
PART = 4096  # rows that are encoded at once


class Loaded:
    """What `alpenglow.export` wrote, with scikit-learn's names; it checks rows as the server does.

    A table is a data frame of pandas, Polars or PyArrow, a mapping of columns, a list of records, an array with the
    columns in the signature's order, or, for a model of one column, a list or Series of its values. Columns that the
    model does not read are ignored.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.inputs = Inputs(self.signature.columns)

    @property
    def signature(self) -> Signature:
        """What is known of the model: task, columns, classes, the proof."""
        return self.model.signature

    @property
    def classes_(self) -> NDArray[Any] | list[NDArray[Any]]:
        """The labels, in the order of `predict_proba`'s columns; of several labels at once those of each."""
        if self.signature.targets:
            return [np.asarray(target.classes) for target in self.signature.targets]
        return np.asarray(self.signature.classes)

    def predict(self, X: Any) -> NDArray[Any]:
        """Labels or predictions, `[N]`; `[N, T]` of several targets.

        Raises:
            InputError: The table does not fit the model; the message names row and column.
        """
        return self.ask(X, [self.model.answer])[0]

    def predict_proba(self, X: Any) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        """Probabilities, `[N, C]`, in the order of `classes_`.

        Of several labels at once as scikit-learn has them: an array of each, or `[N, T]`, how probable each label is.

        Raises:
            AttributeError: The model has none.
            InputError: See `predict`.
        """
        by_target = [name for name in self.model.outputs if name.startswith(SHARES)]
        return self.ask(X, by_target) if by_target else self.ask(X, ["probabilities"])[0]

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Decisions, `[N]` or `[N, C]`.

        Raises:
            AttributeError: The model has none.
            InputError: See `predict`.
        """
        return self.ask(X, ["decision"])[0]

    def ask(self, X: Any, outputs: Sequence[str]) -> list[NDArray[Any]]:
        """Some outputs of the graph for a table."""
        for output in outputs:
            if output not in self.model.outputs:
                has = ", ".join(self.model.outputs)
                raise AttributeError(f"{self.signature.name} has no {output}: it answers {has}")
        columns = columns_of(X, [column.name for column in self.signature.columns])
        rows = max(map(len, columns.values()), default=0)
        parts = [self.part(columns, at, min(at + PART, rows), outputs) for at in range(0, rows, PART)]
        if not parts:
            raise no_rows(None)
        return [np.concatenate(found) for found in zip(*parts, strict=True)]

    def part(
        self, columns: Mapping[str, Sequence[Any]], start: int, end: int, outputs: Sequence[str]
    ) -> list[NDArray[Any]]:
        """The answers to some of the rows."""
        some = {name: values[start:end] for name, values in columns.items()}
        table = Table(some, end - start, nowhere, first=start)
        return self.model.predict(self.inputs.encode(table, strict=False).values, outputs)

    def __repr__(self) -> str:
        return f"<{self.signature.name} {self.signature.version}: {self.signature.task}>"


def load(path: str | Path) -> Loaded:
    """Load what `alpenglow.export` wrote.

    Raises:
        ModelError: There is no such file, or it is no such model.
    """
    return Loaded(models.load(Path(path)))


def columns_of(X: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """The columns of a table as JSON has values, missing ones None.

    Args:
        X: See `Loaded`.
        names: Of the model's columns, for what has no names.

    Raises:
        InputError: It is no table, or has another number of columns than the model and no names.
    """
    if hasattr(X, "column_names"):  # PyArrow
        return {name: plain(X[name].to_pylist()) for name in X.column_names}
    if hasattr(X, "columns"):  # pandas, Polars
        return {str(name): plain(X[name].to_list()) for name in X.columns}
    if isinstance(X, Mapping):
        return {str(name): plain(values) for name, values in X.items()}
    rows = X.to_list() if hasattr(X, "to_list") else np.asarray(X).tolist() if isinstance(X, np.ndarray) else list(X)
    if rows and isinstance(rows[0], Mapping):
        found = dict.fromkeys(name for row in rows for name in row)
        return {str(name): plain([row.get(name) for row in rows]) for name in found}
    if rows and not isinstance(rows[0], list | tuple):
        rows = [[value] for value in rows]
    if {len(row) for row in rows} - {len(names)}:
        raise InputError([Fault(f"expected {len(names)} columns without names: {', '.join(names)}", None)])
    return {name: plain([row[at] for row in rows]) for at, name in enumerate(names)}


def plain(values: Iterable[Any]) -> list[Any]:
    """Values as JSON has them: str, bool, int, float or None."""
    return [value if type(value) in (str, bool, int) else plain_value(value) for value in values]


def plain_value(value: Any) -> Any:
    """One value as JSON has it, if there is such a form."""
    if isinstance(value, TIMES):
        return time_as_text(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, numbers.Number) and not isinstance(value, bool | int | complex):
        value = float(value)  # type: ignore[arg-type]
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def time_as_text(value: Any) -> str | None:
    """A moment or a duration of Python's, NumPy's or pandas' as ISO 8601 has it; None for NaT."""
    if type(value).__name__ == "NaTType" or (isinstance(value, np.generic) and bool(np.isnat(value))):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        nanoseconds = getattr(value, "nanoseconds", 0)  # pandas' own
        return duration_text(value // timedelta(microseconds=1) * 1000 + nanoseconds, "ns")
    unit = np.datetime_data(value.dtype)[0]
    unit = unit if unit in DAY else "s"
    count = int(value.astype(f"{value.dtype.kind}8[{unit}]").astype(np.int64))
    return (moment_text if value.dtype.kind == "M" else duration_text)(count, unit)
