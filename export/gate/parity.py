"""The proof: the same rows through scikit-learn and through ONNX Runtime."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.errors import ConversionError, one_line
from alpenglow._export.gate.near_ties import SUMS, nudged, ties_of
from alpenglow._export.gate.patience import Patience
from alpenglow._export.gate.rows import Kind, kinds
from alpenglow._export.gate.witnesses import Keeper
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.moments import counts
from alpenglow._export.pipeline.refused import answered, refusal
from alpenglow._export.proved.forests import Forest
from alpenglow._serve.portions import portions
from alpenglow._serve.signature import MISSING, NUMBERS, Column
from alpenglow._serve.verification import relative

SAMPLE = "the sample"
MOST_SHOWN = 5
MOST_ASKED = 20  # rows of a frame that scikit-learn answers otherwise however it is asked: more need no question
PART = 4096  # rows that go through the graph at once
MOST_MOVED = 1e-9  # how far a number may move with the last digits of a row
PLAIN = {"bool", "float64", "int64"}
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


class Graph:
    """Runs the graph as the server does: one thread, so that sums are always added in the same order."""

    def __init__(self, model: onnx.ModelProto, columns: Sequence[Column]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised
        try:
            self.session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        except Exception as error:
            # ONNX Runtime's exceptions share no base class below Exception.
            raise ConversionError(f"ONNX Runtime does not load the converted graph: {one_line(error)}") from error
        inputs = {node.name for node in self.session.get_inputs()}
        self.outputs = [node.name for node in self.session.get_outputs()]
        self.columns = [column for column in columns if column.name in inputs]

    def ask(self, values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The graph's outputs, by name, for values as `serve.model.Model.predict` takes them."""
        feed: dict[str, NDArray[Any]] = {}
        for kind, block in values.items():
            names = [column.name for column in self.columns if column.kind == kind]
            feed |= {name: block[:, [place]] for place, name in enumerate(names)}
        return dict(zip(self.outputs, self.session.run(None, feed), strict=True))

    def predict(self, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """The graph's outputs for the rows, by name."""
        feed = tensors(rows, self.columns)
        free = [column.name for column in self.columns if column.type == "string" and column.categories is None]
        texts = [feed[name][:, 0].tolist() for name in free]
        try:
            parts = [
                self.session.run(None, {name: x[part] for name, x in feed.items()})
                for part in portions(texts, len(rows), PART)
            ]
            return {
                name: np.concatenate(part) for name, part in zip(self.outputs, zip(*parts, strict=True), strict=True)
            }
        except Exception as error:
            raise ConversionError(f"ONNX Runtime does not run the converted graph: {one_line(error)}") from error


def tensors(rows: pd.DataFrame, columns: Sequence[Column]) -> dict[str, NDArray[Any]]:
    """The columns of a data frame as the graph's inputs; those of numbers are converted together."""
    dtypes = dict(zip(rows.columns, rows.dtypes, strict=True))
    plain = [c.name for c in columns if c.kind == NUMBERS and str(dtypes[c.name]) in PLAIN]
    matrix = np.ascontiguousarray(rows[plain].to_numpy(np.float64).T)
    together = {name: values.reshape(-1, 1) for name, values in zip(plain, matrix, strict=True)}
    return together | {c.name: tensor(rows[c.name], c) for c in columns if c.name not in together}


def tensor(values: "pd.Series[Any]", column: Column) -> NDArray[Any]:
    """A column of the data frame as the graph's input `[N, 1]`."""
    if column.time:
        array: NDArray[Any] = counts(values, column)
    elif column.type == "string":
        array = values.astype(object).where(values.notna(), MISSING).to_numpy(object)
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        array = values.to_numpy(np.float64)
    else:
        array = values.astype(object).where(values.notna(), np.nan).to_numpy(np.float64)
    return array.reshape(-1, 1)


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
            shown = next(iter(expected)) if unequal[row] else list(expected)[-1]
            examples.append((rows + int(row), expected[shown][row], given[shown][row]))
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
    unequal, far = np.zeros(count, bool), np.zeros(count)
    for name, answer in expected.items():
        if answer.shape != given[name].shape:
            raise ConversionError(
                f"the graph answers {name} in the shape {given[name].shape}, scikit-learn in {answer.shape}"
            )
        if name == "label":
            unequal = answer != given[name]
        else:
            far = difference(answer, given[name], scale)
    return unequal, far


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


def beside_a_tie(
    fitted: Fitted, row: pd.DataFrame, given: dict[str, NDArray[Any]], scale: float, tolerance: float
) -> bool:
    """Whether scikit-learn gives the graph's answer to a row that differs from this in the last digits."""
    expected = fitted.attempt(nudged(row))
    if expected is None:
        return False
    many = {name: np.repeat(answer, len(expected[name]), axis=0) for name, answer in given.items()}
    unequal, far = compared(expected, many, scale)
    return bool((~unequal & (far <= max(tolerance, MOST_MOVED))).any())


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
