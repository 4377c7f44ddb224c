"""The proof: the same rows through scikit-learn and through ONNX Runtime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.near_ties import DONORS, SUMS, in_order, nudged, ties_of
from alpenglow._export.gate.patience import Patience
from alpenglow._export.gate.rows import Kind, kinds
from alpenglow._export.gate.witnesses import Keeper
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.refused import answered, refusal
from alpenglow._export.proved.forests import Forest
from alpenglow._serve.verification import differences, relative

SAMPLE = "the sample"
MOST_SHOWN = 5
MOST_ASKED = 20  # rows of a frame that scikit-learn answers otherwise however it is asked: more need no question
MOST_MOVED = 1e-9  # how far a number may move with the last digits of a row
Row = tuple[int, Any, Any]  # its number, scikit-learn's answer, the graph's


@dataclass(frozen=True)
class Check:
    """One kind of rows, compared."""

    what: str
    rows: int
    different_labels: int
    largest_difference: float
    too_far: int  # rows with a number further from scikit-learn's than the tolerance
    either: int  # rows for which scikit-learn has several answers, the graph's among them; not counted as different
    refused: int  # rows beside these that scikit-learn refuses: there is nothing to compare
    examples: list[Row]
    tied: int = 0  # rows on a stated tie with the label of its other side; not counted as different


def check(
    fitted: Fitted,
    graph: Graph,
    sample: pd.DataFrame,
    tolerance: float,
    progress: Callable[[str], None],
    keeper: Keeper | None = None,
    proved: Sequence[Forest] = (),
) -> list[Check]:
    """Compare on every row of the sample, and on rows that are made for it; see `export.gate.rows`.

    Args:
        fitted: The pipeline.
        graph: Its conversion.
        sample: Rows that the pipeline predicts.
        tolerance: How far a number may be from scikit-learn's, relative to its size or to the usual size if that is
            larger; see `difference`.
        progress: Gets a line for each kind of rows.
        keeper: Sees all that is compared.
        proved: Trees that are known to be the graph's; see `export.proved`.
    """
    scale = scale_of(fitted, sample)
    checks = []
    for kind in chain([Kind(SAMPLE, iter([sample]))], kinds(fitted, graph.columns, sample, proved)):
        checks.append(compare(kind, fitted, graph, scale, tolerance, Patience(progress), keeper))
        progress(f"{checks[-1].rows:,} rows {of(kind.what)}{kind.note} compared")
    return checks


def scale_of(fitted: Fitted, sample: pd.DataFrame) -> float:
    """The usual size of its predictions or decisions; probabilities are compared as they are."""
    score = fitted.outputs[-1]
    return usual_size(fitted.answers(sample, [score])[score]) if score in ("prediction", "decision") else 1.0


def usual_size(numbers: NDArray[Any]) -> float:
    """That of finite numbers: what is next to zero has no meaningful relative error of its own."""
    finite = np.abs(numbers[np.isfinite(numbers)].astype(np.float64))
    return (float(finite.mean()) if finite.size else 0.0) or 1.0


def of(kind: str) -> str:
    """A kind of rows, as it follows the word."""
    return f"of {kind}" if kind == SAMPLE else f"with {kind}"


def compare(
    kind: Kind,
    fitted: Fitted,
    graph: Graph,
    scale: float,
    tolerance: float,
    progress: Callable[[str], None] = lambda line: None,
    keeper: Keeper | None = None,
) -> Check:
    """Run both on each of the frames and count what differs."""
    rows = different = too_far = either = refused = tied = 0
    ties = set(ties_of(fitted.steps).values())
    largest = 0.0
    examples: list[Row] = []
    for made in kind.frames:
        frame, expected = answered(fitted, made)
        refused += len(made) - len(frame)
        if refused and kind.what == SAMPLE:
            raise refusal(fitted, made)
        if expected is None:
            continue
        given = graph.predict(frame)
        unequal, far = compared(expected, given, scale)
        if keeper:
            keeper.see(kind.what, frame, expected, ~unequal & (far <= tolerance / 2), scale)
        if DONORS in ties:
            others = taken_in_order(fitted, frame, given, np.flatnonzero(unequal | (far > tolerance)), scale, tolerance)
            unequal[others], far[others], tied = False, 0.0, tied + len(others)
        unexcused = 0
        for row in np.flatnonzero(unequal | (far > tolerance)).tolist():
            if unexcused == MOST_ASKED:
                break
            one = {name: answer[[row]] for name, answer in given.items()}
            if answers_either(fitted, frame.iloc[[row]], one, scale, tolerance):
                unequal[row], far[row], either = False, 0.0, either + 1
            elif may_be_tied(ties, unequal[row], far[row], tolerance) and beside_a_tie(
                fitted, frame.iloc[[row]], one, scale, tolerance
            ):
                unequal[row], far[row], tied = False, 0.0, tied + 1
            else:
                unexcused += 1
        for row in np.flatnonzero(unequal | (far > tolerance))[: MOST_SHOWN - len(examples)]:
            examples.append((rows + int(row), *shown(row, expected, given, scale)))
        rows, different = rows + len(frame), different + int(unequal.sum())
        largest, too_far = max(largest, float(far.max(initial=0.0))), too_far + int((far > tolerance).sum())
        if rows < kind.rows:
            progress(f"{rows:,} of {kind.rows:,} rows {of(kind.what)} compared so far")
    return Check(kind.what, rows, different, largest, too_far, either, refused, examples, tied)


def compared(
    expected: dict[str, NDArray[Any]], given: dict[str, NDArray[Any]], scale: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """For each row whether the label differs, and how far the numbers are.

    Raises:
        ConversionError: The answers have other shapes.
    """
    count = len(next(iter(expected.values())))
    unequal: NDArray[np.bool_] = np.zeros(count, bool)
    far = np.zeros(count)
    for name, answer in expected.items():
        if answer.shape != given[name].shape:
            raise ConversionError(
                f"the graph answers {name} in the shape {given[name].shape}, scikit-learn in {answer.shape}"
            )
        if name == "label":
            unequal = np.asarray(different(answer, given[name]).any(axis=1))
        else:
            far = np.maximum(far, difference(answer, given[name], scale))
    return unequal, far


def different(expected: NDArray[Any], given: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether labels `[N]` or `[N, T]` differ, `[N, T]`."""
    return np.asarray((expected != given).reshape(len(expected), -1))


def shown(row: int, expected: dict[str, NDArray[Any]], given: dict[str, NDArray[Any]], scale: float) -> tuple[Any, Any]:
    """What differs most in a row: its labels, else the numbers that are furthest from scikit-learn's."""
    one, other = ({name: answer[[row]] for name, answer in all_of.items()} for all_of in (expected, given))
    far = {name: differences(name, answer, other[name], scale).max(initial=0.0) for name, answer in one.items()}
    name = max(far, key=lambda name: float(far[name]))
    return one[name][0], other[name][0]


def answers_either(
    fitted: Fitted, row: pd.DataFrame, given: dict[str, NDArray[Any]], scale: float, tolerance: float
) -> bool:
    """Whether scikit-learn itself gives the graph's answer when it is asked for the row alone, or for several of it.

    BLAS multiplies matrices of other sizes in another order. Where large numbers cancel, as in the distance between a
    huge value and a centre, the answer then depends on what else is asked at the same time.
    """
    for count in (1, 2, 3, 4, 5, 8, 16, 64):
        expected = fitted.answers(pd.concat([row] * count, ignore_index=True))
        for place in (0, count - 1):
            unequal, far = compared({name: answer[[place]] for name, answer in expected.items()}, given, scale)
            if not unequal[0] and far[0] <= tolerance:
                return True
    return False


def may_be_tied(ties: set[str], unequal: bool, far: float, tolerance: float) -> bool:
    """Whether a difference is one that stated ties make: the label alone, or numbers that jump with a neighbour."""
    return (bool(ties) and unequal and far <= tolerance) or (bool(ties - {SUMS}) and far > MOST_MOVED)


def taken_in_order(
    fitted: Fitted,
    frame: pd.DataFrame,
    given: dict[str, NDArray[Any]],
    rows: NDArray[np.intp],
    scale: float,
    tolerance: float,
) -> NDArray[np.intp]:
    """Those of some rows to which scikit-learn gives the graph's answer if it takes the first of equally far points."""
    if not len(rows):
        return rows
    with in_order():
        expected = fitted.attempt(frame.iloc[rows])
    if expected is None:
        return rows[:0]
    unequal, far = compared(expected, {name: answer[rows] for name, answer in given.items()}, scale)
    return rows[~unequal & (far <= tolerance)]


def beside_a_tie(
    fitted: Fitted, row: pd.DataFrame, given: dict[str, NDArray[Any]], scale: float, tolerance: float
) -> bool:
    """Whether scikit-learn gives the graph's answer to a row that differs from this in the last digits.

    Of several labels at once each may have such a row of its own.
    """
    with in_order():
        expected = fitted.attempt(nudged(row))
    if expected is None:
        return False
    many = {name: np.repeat(answer, len(expected[name]), axis=0) for name, answer in given.items()}
    _, far = compared(expected, many, scale)
    near = far <= max(tolerance, MOST_MOVED)
    if "label" not in expected:
        return bool(near.any())
    return bool((~different(expected["label"], many["label"])[near]).any(axis=0).all())


def difference(expected: NDArray[Any], given: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """For each row the largest difference of a probability, or of a regression relative to its size."""
    return np.asarray(relative(expected, given, scale).reshape(len(expected), -1).max(axis=1, initial=0.0), np.float64)


def table(checks: Sequence[Check], labels: bool) -> str:
    """The proof for people to read; without the column on labels where there are none."""
    lines: list[tuple[str, ...]] = [("compared on", "rows", "different labels", "largest difference")]
    lines += [(one.what, f"{one.rows:,}", str(one.different_labels), f"{one.largest_difference:.2g}") for one in checks]
    if not labels:
        lines = [(what, rows, far) for what, rows, _, far in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(n) for cell, n in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    )
