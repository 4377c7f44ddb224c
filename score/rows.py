"""Rows to answers: those that fit the model are predicted, of the others it is said what is wrong."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.errors import InputError, ValuesError
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.local import plain
from alpenglow._serve.model import PART, Model
from alpenglow._serve.table import Table, nowhere

ANSWER = "prediction"  # the column of labels or predictions
ROWS = 32 * PART  # that are looked at together; whole parts of the model's, as a request with all of them would have
TYPES: dict[str, Any] = {
    "tensor(string)": object,
    "tensor(int64)": np.int64,
    "tensor(double)": np.float64,
    "tensor(bool)": np.bool_,
}


class Scored(NamedTuple):
    """What became of `N` rows.

    `fits` tells which of them fit, `[N]`; `answers` has the columns of answers to these alone, `[F]` or `[F, K]` each;
    `faults` what is wrong with the others, in order.
    """

    fits: NDArray[np.bool_]
    answers: dict[str, NDArray[Any]]
    faults: list[InputError]


class Scoring:
    """A model with the checks that the service has, for tables of any length."""

    def __init__(self, model: Model, outputs: Sequence[str] | None = None) -> None:
        """Answer with these columns: `prediction`, and the others that the graph gives; None: with all.

        Raises:
            ValueError: There is no such one.
        """
        self.model = model
        self.columns = model.signature.columns
        self.inputs = Inputs(self.columns)
        every = {ANSWER: model.answer, **{name: name for name in model.outputs if name != model.answer}}
        for name in outputs or ():
            if name not in every:
                raise ValueError(f"{model.signature.name} has no {name}: it answers {', '.join(every)}")
        self.outputs = {name: every[name] for name in every if outputs is None or name in outputs}
        types = {node.name: node.type for node in model.session.get_outputs()}
        self.types = {name: types[output] for name, output in self.outputs.items()}

    def score(self, columns: Mapping[str, Any], numbers: Sequence[int]) -> Scored:
        """What becomes of rows.

        Args:
            columns: By name, each a list of what JSON has, or an array of Arrow; all of the model's are there.
            numbers: Of the rows, for what is said of them.

        Raises:
            ColumnsError: Columns are missing.
        """
        if not self.inputs.names <= columns.keys():
            raise self.inputs.absence(Table(columns, len(numbers), nowhere))
        parts = [
            self.part({column.name: columns[column.name][at : at + ROWS] for column in self.columns}, some)
            for at in range(0, len(numbers), ROWS)
            if (some := numbers[at : at + ROWS])
        ]
        answered = [part.answers for part in parts if part.fits.any()]
        return Scored(
            np.concatenate([part.fits for part in parts] or [np.ones(0, dtype=bool)]),
            {name: np.concatenate([a[name] for a in answered] or [self.none(name)]) for name in self.outputs},
            [fault for part in parts for fault in part.faults],
        )

    def part(self, columns: Mapping[str, Any], numbers: Sequence[int]) -> Scored:
        """The same for some rows, at least one."""
        if all(isinstance(values, list | tuple) for values in columns.values()):
            values, faults = self.judged(columns, numbers)
        else:
            values, faults = self.encoded(columns, numbers)
        fits = np.ones(len(numbers), dtype=bool)
        fits[list(faults)] = False
        found = self.model.predict(values, list(self.outputs.values())) if fits.any() else ()
        return Scored(fits, dict(zip(self.outputs, found, strict=False)), list(faults.values()))

    def encoded(
        self, columns: Mapping[str, Any], numbers: Sequence[int]
    ) -> tuple[dict[str, NDArray[Any]], dict[int, InputError]]:
        """Inputs of the rows that fit, by kind, and what is wrong with the others, by place: from arrays of Arrow."""
        from alpenglow._score import encoding  # what is read as CSV or JSON lines needs no pyarrow

        values, fits = encoding.encode(self.columns, columns)
        doubtful = np.flatnonzero(~fits)
        if not len(doubtful):
            return values, {}
        cells = {name: listed(array, doubtful) for name, array in columns.items()}
        judged, wrong = self.judged(cells, [numbers[place] for place in doubtful.tolist()])
        faults = {int(doubtful[place]): fault for place, fault in wrong.items()}
        fits[doubtful] = True
        fits[list(faults)] = False
        right = np.delete(doubtful, list(wrong))
        for kind, block in judged.items():
            values[kind][right] = block
        return {kind: block[fits] for kind, block in values.items()}, faults

    def judged(
        self, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int]
    ) -> tuple[dict[str, NDArray[Any]], dict[int, InputError]]:
        """The same, from lists, as the service has it."""
        try:
            return self.inputs.encode(Table(columns, len(numbers), nowhere)).values, {}
        except ValuesError:
            wrong = {
                row
                for fits, column in zip(self.inputs.fits, self.columns, strict=True)
                for row, cell in enumerate(columns[column.name])
                if not fits(cell, False)
            }
        faults: dict[int, InputError] = {
            row: self.inputs.refusal(taken(columns, [row], numbers[row])) for row in sorted(wrong)
        }
        right = [row for row in range(len(numbers)) if row not in wrong]
        return self.inputs.encode(taken(columns, right)).values if right else {}, faults

    def width(self, name: str) -> int | None:
        """How many values an answer has; None if it is no list."""
        shape = self.model.outputs[self.outputs[name]]
        return shape[1] if len(shape) > 1 else None

    def nothing(self) -> dict[str, NDArray[Any]]:
        """The answers to no rows."""
        return {name: self.none(name) for name in self.outputs}

    def none(self, name: str) -> NDArray[Any]:
        """No answer, in the shape of many."""
        shape = self.model.outputs[self.outputs[name]]
        return np.empty((0, *(max(0, extent) for extent in shape[1:])), dtype=TYPES[self.types[name]])


def taken(columns: Mapping[str, Sequence[Any]], rows: Sequence[int], first: int = 0) -> Table:
    """Some of the rows."""
    return Table(
        {name: [values[row] for row in rows] for name, values in columns.items()}, len(rows), nowhere, None, first
    )


def listed(array: Any, rows: NDArray[np.intp]) -> list[Any]:
    """Some of a column's values as JSON has them."""
    found = [array[row] for row in rows.tolist()]
    return found if isinstance(array, list) else plain(value.as_py() for value in found)


def check_kept(keep: Sequence[str], there: Collection[str], answers: Collection[str]) -> None:
    """Columns that stay are there, and none of them is called as an answer is.

    Raises:
        ValueError: It is not so.
    """
    for name in keep:
        if name not in there:
            raise ValueError(f"there is no column {name!r} to keep: there are {', '.join(map(repr, there))}")
        if name in answers:
            raise ValueError(f"the table has a column {name!r} already, as an answer has: keep others, or rename it")
