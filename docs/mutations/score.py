"""How many changed graphs the gate stops, and whether rows that are not its own show the others."""

import warnings
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.convert import convert
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate import magnitudes, parity
from alpenglow._export.gate.bounds import tolerance_of
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.rows import Kind, kinds
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Answers, Fitted
from alpenglow._export.pipeline.refused import answered
from alpenglow._export.proved.claims import claims, proved_forests
from docs.mutations import families
from docs.mutations.changes import changes
from docs.mutations.generator import rows_like

FEW = 3
PROOF = "the proof of trees"


class Remembering(Fitted):
    """A fitted pipeline that is asked for the same frames again and again, and remembers what it answered."""

    def __init__(self, estimator: Any) -> None:
        super().__init__(estimator)
        self.known: dict[int, tuple[pd.DataFrame, Answers]] = {}

    def answers(self, rows: pd.DataFrame, outputs: list[str] | None = None) -> Answers:
        """What was answered, or is now."""
        frame, found = self.known.get(id(rows), (None, None))
        return found if found is not None and frame is rows and outputs is None else super().answers(rows, outputs)

    def learn(self, rows: pd.DataFrame) -> pd.DataFrame | None:
        """Those of the rows that are answered, whose answers are remembered from now on; None if there is none."""
        frame, found = answered(self, rows)
        if found is None:
            return None
        self.known[id(frame)] = (frame, found)
        return frame


@dataclass
class Gate:
    """All that the gate compares for one pipeline, made once for all changed graphs."""

    fitted: Remembering
    original: onnx.ModelProto
    graph: Graph
    sample: pd.DataFrame
    tolerance: float
    scale: float = 1.0
    kinds: list[tuple[Kind, list[pd.DataFrame]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the rows."""
        self.scale = parity.scale_of(self.fitted, self.sample)
        proved = proved_forests(claims(self.fitted.estimator, self.original))
        made = kinds(self.fitted, self.graph.columns, self.sample, proved)
        for kind in [Kind(parity.SAMPLE, iter([self.sample])), *made]:
            learned = [self.fitted.learn(frame) for frame in kind.frames]
            self.kinds.append((kind, [frame for frame in learned if frame is not None]))

    def stops(self, model: onnx.ModelProto, graph: Graph) -> str | None:
        """The kind of rows on which a graph differs, or the proof of its trees; None if it is let through."""
        if any(claim.different for claim in claims(self.fitted.estimator, model)):
            return PROOF
        for kind, frames in self.kinds:
            for frame in frames:
                try:
                    rows = np.flatnonzero(shows(self, graph, frame))
                except ConversionError:
                    return "no answer"
                # Asking scikit-learn once more for what differs takes long, and the first rows mostly settle it.
                if len(rows) and (self.differs(graph, frame.iloc[rows[:FEW]]) or self.differs(graph, frame.iloc[rows])):
                    return kind.what
        return None

    def differs(self, graph: Graph, rows: pd.DataFrame) -> bool:
        """Whether a graph differs on rows as the export has it."""
        check = parity.compare(Kind("", iter([rows])), self.fitted, graph, self.scale, self.tolerance)
        return bool(check.different_labels or check.too_far)


@dataclass
class Score:
    """What became of the changed graphs of a family."""

    family: str
    caught: Counter[str] = field(default_factory=Counter)  # by the kind of rows
    missed: list[str] = field(default_factory=list)  # let through, though a row of the generator shows the change
    unseen: Counter[str] = field(default_factory=Counter)  # let through, and no row shows it
    wrong: int = 0  # of the generator's rows, which the unchanged graph answers otherwise than scikit-learn

    @property
    def made(self) -> int:
        """How many changes were made."""
        return self.caught.total() + len(self.missed) + self.unseen.total()


def score(family: str, estimator: Any, count: int, seed: int = 0) -> Score:
    """Export a family, change the graph so many times, and see what is caught."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, sample = families.fitted(family, estimator)
        fitted = Remembering(model)
        with fitted.single_threaded():
            columns = describe_columns(fitted, sample)
            original = convert(fitted, columns, sample)
            graph, tolerance = Graph(original, columns), tolerance_of(fitted.steps)
            graph.columns = magnitudes.bounded(fitted, graph, sample, tolerance)
            gate = Gate(fitted, original, graph, sample, tolerance)
            if (kind := gate.stops(original, gate.graph)) is not None:
                raise ConversionError(f"{family}: the unchanged graph differs on rows with {kind}")
            return of_changes(Score(family), gate, count, np.random.default_rng(seed))


def of_changes(found: Score, gate: Gate, count: int, random: np.random.Generator) -> Score:
    """The changes, one after the other; those that are no graph at all are left out."""
    rows = gate.fitted.learn(rows_like(gate.sample, gate.graph.columns, random))
    assert rows is not None  # noqa: S101 - the sample's own values are among them
    good = ~shows(gate, gate.graph, rows)
    found.wrong = int((~good).sum())
    for what, model in changes(gate.original, 3 * count, random):
        if found.made == count:
            break
        try:
            graph = Graph(model, gate.graph.columns)
            graph.predict(gate.sample.head(3))
        except ConversionError:  # it does not load, or does not run
            continue
        kind = gate.stops(model, graph)
        if kind is not None:
            found.caught[kind] += 1
        elif (shows(gate, graph, rows) & good).any():
            found.missed.append(what)
        else:
            found.unseen[what] += 1
    return found


def shows(gate: Gate, graph: Graph, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of the rows a graph answers otherwise than scikit-learn."""
    unequal, far = parity.compared(gate.fitted.answers(rows), graph.predict(rows), gate.scale)
    return np.asarray(unequal | (far > gate.tolerance))
