"""The proof: the same rows through scikit-learn and through ONNX Runtime."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from export.errors import ConversionError, one_line
from export.probe import with_missing, with_number, with_unknown
from export.tasks import answers, task_of
from serve.signature import MISSING, Column, Parity

# Probabilities and regressions may differ by this much: what float32 leaves of them where an estimator has no
# float64 operator.
TOLERANCE = 1e-5
PROBE_ROWS = 100
MOST_PROBED_ROWS = 20_000
MOST_SHOWN = 5
Row = tuple[int, Any, Any]  # its number, scikit-learn's answer, the graph's


@dataclass(frozen=True)
class Check:
    """One kind of rows, compared."""

    what: str
    rows: int
    different_labels: int
    largest_difference: float
    examples: list[Row]

    @property
    def equal(self) -> bool:
        """Whether the graph's answers can be taken for scikit-learn's."""
        return self.different_labels == 0 and self.largest_difference <= TOLERANCE


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

    def predict(self, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """The graph's outputs for the rows, by name."""
        feed = {column.name: tensor(rows[column.name], column) for column in self.columns}
        try:
            return dict(zip(self.outputs, self.session.run(None, feed), strict=True))
        except Exception as error:
            raise ConversionError(f"ONNX Runtime does not run the converted graph: {one_line(error)}") from error


def tensor(values: "pd.Series[Any]", column: Column) -> NDArray[Any]:
    """A column of the data frame as the graph's input `[N, 1]`."""
    if column.type == "string":
        array = values.astype(object).where(values.notna(), MISSING).to_numpy(object)
    else:
        array = values.astype("float64").to_numpy(np.float64)
    return array.reshape(-1, 1)


def check(pipeline: Any, graph: Graph, sample: pd.DataFrame, progress: Callable[[str], None]) -> list[Check]:
    """Compare on every row of the sample, and on probes: rows of it with one value made missing, unknown or huge."""
    scale = 1.0
    score = answers(pipeline, sample).get("decision" if task_of(pipeline) != "regression" else "prediction")
    if score is not None:
        # What is next to zero has no meaningful relative error of its own.
        scale = float(np.abs(score).mean()) or 1.0
    checks = [compare("the sample", pipeline, graph, [sample], scale)]
    progress(f"{len(sample):,} rows of the sample compared")
    for what, frames in probes(graph.columns, sample):
        checks.append(compare(what, pipeline, graph, frames, scale))
        progress(f"{checks[-1].rows:,} rows with {what} compared")
    return checks


def probes(columns: Sequence[Column], sample: pd.DataFrame) -> Iterator[tuple[str, Iterator[pd.DataFrame]]]:
    """Kinds of rows that a client may send and a sample may lack, one changed column at a time."""
    rows = sample.iloc[: max(1, min(PROBE_ROWS, MOST_PROBED_ROWS // len(columns)))]
    nullable = [c.name for c in columns if c.nullable]
    unknown = [c.name for c in columns if c.type == "string" and not c.closed]
    limited = [(c.name, c.limit) for c in columns if c.limit is not None]
    if nullable:
        yield "a missing value", (with_missing(rows, [name]) for name in nullable)
    if unknown:
        yield "an unknown category", (with_unknown(rows, [name]) for name in unknown)
    if limited:
        yield "the largest number", (with_number(limit)(rows, [name]) for name, limit in limited)


def compare(what: str, pipeline: Any, graph: Graph, frames: Any, scale: float) -> Check:
    """Run both on each of the frames and count what differs."""
    rows = different = 0
    largest = 0.0
    examples: list[Row] = []
    for frame in frames:
        expected, given = answers(pipeline, frame), graph.predict(frame)
        for name, answer in expected.items():
            if answer.shape != given[name].shape:
                raise ConversionError(
                    f"the graph answers {name} in the shape {given[name].shape}, scikit-learn in {answer.shape}"
                )
        unequal = np.zeros(len(frame), bool)
        far = np.zeros(len(frame))
        for name, answer in expected.items():
            if name == "label":
                unequal = answer != given[name]
            else:
                far = difference(answer, given[name], scale)
        answer_name = next(iter(expected))
        for row in np.flatnonzero(unequal | (far > TOLERANCE))[: MOST_SHOWN - len(examples)]:
            examples.append((int(row), expected[answer_name][row], given[answer_name][row]))
        rows, different = rows + len(frame), different + int(unequal.sum())
        largest = max(largest, float(far.max(initial=0.0)))
    return Check(what, rows, different, largest, examples)


def difference(expected: NDArray[Any], given: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """For each row the largest difference of a probability, or of a regression relative to its size."""
    size = np.maximum(np.abs(expected), scale)
    with np.errstate(invalid="ignore"):
        far = np.where(expected == given, 0.0, np.abs(expected - given) / size)
    far = np.where(np.isnan(expected) & np.isnan(given), 0.0, np.where(np.isnan(far), np.inf, far))
    return np.asarray(far.reshape(len(far), -1).max(axis=1, initial=0.0), np.float64)


def summary(checks: Sequence[Check]) -> Parity:
    """What the signature keeps of the proof."""
    return Parity(
        rows=sum(check.rows for check in checks),
        probe_rows=sum(check.rows for check in checks[1:]),
        different_labels=sum(check.different_labels for check in checks),
        largest_difference=max(check.largest_difference for check in checks),
    )


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
