"""Which of the compared rows a model's file carries along, for `serve.verification` to ask where it is served.

Of each kind of rows the hardest are taken, those of the smallest margin, and some from all over them, of every label.
What another processor may round otherwise must decide nothing: a row whose label hangs on that is no witness.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._serve.errors import InputError
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.local import columns_of
from alpenglow._serve.signature import NUMBERS, SHARES, TEXTS, TIMES, Column, Parity, Signature
from alpenglow._serve.table import Table, nowhere
from alpenglow._serve.verification import differences
from alpenglow._serve.witnesses import Witnesses, encode

MOST_ROWS = 128
MOST_BYTES = 10_000  # of all of them in the file, unless columns are so many that the signature is four times that
MOST_CHARACTERS = 300  # of a row's texts
KEPT, LEAST_KEPT = 64, 4  # rows of each kind, until all are known
KEPT_CELLS = 2**13  # of these: of wide tables fewer fit anyway
GOLDEN = 0.6180339887498949  # its multiples, without their whole part, are spread evenly however many they are
# What rounding may come to, relative to a number or to its column's largest; so often that no side is left to chance.
NUDGES, NUDGE = 16, 2.0**-48
CLEAR = 4  # a margin of so many tolerances is one on every processor

Arrays = Mapping[str, NDArray[Any]]
Ask = Callable[[Arrays], Arrays]  # the graph's answers to values as `serve.model.Model.predict` takes them


class Row(NamedTuple):
    """One that the server takes, with scikit-learn's answers; all arrays have one row."""

    values: Arrays
    answers: Arrays


class Keeper:
    """Sees what is compared, and keeps what is worth carrying."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.inputs = Inputs(columns)
        self.kept = max(LEAST_KEPT, min(KEPT, KEPT_CELLS // len(columns)))  # rows of each kind
        self.rows: dict[str, list[Row]] = {}  # by kind
        self.scale = 1.0
        # Of each label at once its number, and the places of best scores with the labels of these rows.
        self.decided: set[tuple[int, int, Any]] = set()

    def see(self, kind: str, frame: pd.DataFrame, answers: Arrays, alike: NDArray[np.bool_], scale: float) -> None:
        """Keep the best of some rows.

        Args:
            kind: What they were made for.
            frame: `[N, K]`.
            answers: scikit-learn's.
            alike: Which of them the graph answers alike, with room to spare.
            scale: The usual size of a number among the answers.
        """
        self.scale = scale
        if "label" in answers:
            labels = answers["label"].reshape(len(frame), -1).T
            for number, (scores, label) in enumerate(zip(scores_of(answers), labels, strict=False)):
                pairs = zip(best_place(scores).tolist(), label.tolist(), strict=True)
                self.decided |= {(number, *pair) for pair in pairs}
        read = frame[[column.name for column in self.inputs.columns]]
        places = np.flatnonzero(alike & ~read.duplicated().to_numpy())
        best = places[order(taken(answers, places), scale)][: 2 * self.kept]
        rows = self.rows.setdefault(kind, [])
        rows += self.accepted(frame.iloc[best], taken(answers, best))
        if len(rows) > 8 * self.kept:
            rows[:] = self.best(rows)

    def accepted(self, frame: pd.DataFrame, answers: Arrays) -> Iterator[Row]:
        """Those that the server would take, without long texts."""
        columns = columns_of(frame, [])
        for row in range(len(frame)):
            cells = {column.name: columns[column.name][row : row + 1] for column in self.inputs.columns}
            if sum(len(cell) for (cell,) in cells.values() if isinstance(cell, str)) > MOST_CHARACTERS:
                continue
            try:
                "".join(cell for (cell,) in cells.values() if isinstance(cell, str)).encode()
                values = self.inputs.encode(Table(cells, 1, nowhere)).values
            except (InputError, UnicodeEncodeError):  # halves of surrogate pairs come in no request
                continue
            yield Row(values, taken(answers, np.array([row])))

    def best(self, rows: list[Row]) -> list[Row]:
        """The best of one kind, the best first."""
        if not rows:
            return []
        return [rows[place] for place in order(stacked([row.answers for row in rows]), self.scale)[: self.kept]]

    def chosen(self, ask: Ask, signature: Signature) -> Witnesses | None:
        """What the file carries beside the signature, no more than fits; None where there is nothing."""
        most = max(MOST_BYTES, len(msgspec.json.encode(signature)) // 4)
        kinds = {kind: self.steady(self.best(rows), ask, signature.parity) for kind, rows in self.rows.items()}
        turns = chain.from_iterable(zip_longest(*([(kind, row) for row in rows] for kind, rows in kinds.items())))
        found = list(distinct(turn for turn in turns if turn))[:MOST_ROWS]
        least, count = 0, len(found)
        while least < count:  # the more rows, the more bytes
            some = (least + count + 1) // 2
            least, count = (some, count) if len(encode(self.made(found[:some]))) <= most else (least, some - 1)
        return self.made(found[:count]) if count else None

    def made(self, found: Sequence[tuple[str, Row]]) -> Witnesses:
        """Witnesses of rows, each with its kind."""
        kinds, rows = [kind for kind, _ in found], [row for _, row in found]
        values, answers = stacked([row.values for row in rows]), stacked([row.answers for row in rows])
        return Witnesses(kinds, values, answers, self.scale)

    def steady(self, rows: list[Row], ask: Ask, proof: Parity | None) -> list[Row]:
        """The rows that get the same answers alone, and a label that does not hang on rounding."""
        if not rows or not proof:
            return []
        values, answers = stacked([row.values for row in rows]), stacked([row.answers for row in rows])
        alone = stacked([ask(row.values) for row in rows])
        kept = np.ones(len(rows), bool)
        for name, expected in answers.items():
            far = differences(name, expected, alone[name], self.scale).reshape(len(rows), -1)
            kept &= (far <= proof.tolerance / 2).all(axis=1)
        exact = len(answers) > 1 and proof.largest_difference == 0  # numbers to the last bit: ties are ties everywhere
        if "label" in answers and not exact:
            kept &= margins(answers, self.scale) > CLEAR * proof.tolerance
            if not self.scores_decide():
                for nudged in self.nudges(values):
                    kept &= (ask(nudged)["label"] == answers["label"]).reshape(len(rows), -1).all(axis=1)
        return [row for row, good in zip(rows, kept, strict=True) if good]

    def scores_decide(self) -> bool:
        """Whether each row's label followed from its best score; a support vector machine's may not."""
        return bool(self.decided) and len(self.decided) == len({decision[:2] for decision in self.decided})

    def nudges(self, values: Arrays) -> Iterator[Arrays]:
        """The values with each number moved by what rounding may come to, up or down by chance."""
        if NUMBERS not in values:
            return
        columns = [column for column in self.inputs.columns if column.kind == NUMBERS]
        moved = [column.type == "number" and not column.whole for column in columns]
        numbers, chance = values[NUMBERS], np.random.default_rng(0)
        usual = [max(abs(column.minimum or 0.0), abs(column.maximum or 0.0)) for column in columns]
        for _ in range(NUDGES):
            signs = chance.choice([-NUDGE, NUDGE], numbers.shape) * moved
            yield {**values, NUMBERS: numbers + signs * np.fmax(np.abs(numbers), usual)}


def distinct(found: Iterator[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    """Each row once, whatever it was made for."""
    seen = set()
    for kind, row in found:
        plain = [row.values[kind].tobytes() for kind in (NUMBERS, TIMES) if kind in row.values]
        key = (*plain, *(row.values[TEXTS][0] if TEXTS in row.values else ()))
        if key not in seen:
            seen.add(key)
            yield kind, row


def taken(arrays: Arrays, places: NDArray[np.intp]) -> Arrays:
    """Some rows of all."""
    return {name: values[places] for name, values in arrays.items()}


def stacked(parts: Sequence[Arrays]) -> dict[str, NDArray[Any]]:
    """The rows of all, below one another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def order(answers: Arrays, scale: float) -> NDArray[np.intp]:
    """Places of rows: in turns the hardest of each label, and rows from all over them."""
    count = len(next(iter(answers.values())))
    spread = np.arange(1, count + 1) * GOLDEN % 1
    hard = np.lexsort((spread, margins(answers, scale)))
    labels = answers.get("label", np.zeros(count))[hard]
    if labels.ndim == 2:  # several at once
        labels = pd.Series(map(tuple, labels.tolist())).factorize()[0]
    turn = pd.Series(labels).groupby(labels).cumcount().to_numpy()  # among the rows of its label
    places = np.stack([hard[np.argsort(turn, kind="stable")], np.argsort(spread, kind="stable")], axis=1).ravel()
    _, first = np.unique(places, return_index=True)
    return places[np.sort(first)]


def scores_of(answers: Arrays) -> list[NDArray[np.float64]]:
    """What labels are decided on, for each of several at once: scores `[N, C]`, or a decision `[N]` above or below 0.

    Empty where there are no scores.
    """
    name, scores = list(answers.items())[-1]
    by_target = [each for output, each in answers.items() if output.startswith(SHARES)]
    if by_target or name not in ("probabilities", "decision"):
        return by_target
    if "label" in answers and answers["label"].ndim == 2:
        return list((scores - (0.5 if name == "probabilities" else 0.0)).T)
    return [scores]


def best_place(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """The place of each row's best score; of a single decision, whether it is above 0."""
    return scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(np.intp)


def margins(answers: Arrays, scale: float) -> NDArray[np.float64]:
    """By how much, relative to its size, each row's best score is better than the next, or a decision than 0.

    Of several labels at once, the smallest; infinite where there are no scores to decide on.
    """
    found = np.full(len(next(iter(answers.values()))), np.inf)
    for scores in scores_of(answers):
        found = np.fmin(found, margin(scores, scale))
    return found


def margin(scores: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """The same of one label's."""
    best = np.sort(np.abs(scores)[:, None] if scores.ndim == 1 else scores, axis=1)[:, -2:]
    with np.errstate(invalid="ignore"):
        margin = (best[:, -1] - (best[:, 0] if best.shape[1] > 1 else 0)) / np.maximum(np.abs(best[:, -1]), scale)
    return np.where(np.isnan(margin), np.inf, margin)
