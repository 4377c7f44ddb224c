"""`alpenglow.adopt`: wrap, compare, sign, write."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.adopt.classes import labels_of
from alpenglow._export.adopt.columns import assigned, described, kinds, listed
from alpenglow._export.adopt.foreign import inputs_of, opened, without_maps
from alpenglow._export.adopt.proof import TOLERANCE, alike, chosen, expected_of, proof
from alpenglow._export.adopt.roles import Answers, Roles, outputs, roles_of, width
from alpenglow._export.adopt.run import answered
from alpenglow._export.adopt.wrap import OUTPUTS, wrapped
from alpenglow._export.api import write
from alpenglow._export.errors import AdoptionError
from alpenglow._export.gate.graph import Graph
from alpenglow._export.pipeline.describe import describe_labels
from alpenglow._export.pipeline.probe import with_missing
from alpenglow._export.pipeline.tables import frame_of
from alpenglow._serve.signature import Column, Parity, Signature, Task
from alpenglow._serve.usage import faithfulness

FEW = 100  # rows that are asked for once more
APART = 1e-3  # what float32 may lose, in another order of sums, where large numbers nearly cancel


@dataclass(frozen=True)
class Adopted:
    """What was made of a graph; `print` shows it."""

    signature: Signature
    outputs: list[str]
    notes: list[str]
    path: Path

    def __str__(self) -> str:
        what = f"{self.signature.name} {self.signature.version}, a {self.signature.task}"
        lines = [
            f"{what}: {listed([column.name for column in self.signature.columns])} to {', '.join(self.outputs)}",
            *([f"Classes: {listed(self.signature.classes)}"] if self.signature.classes else []),
            faithfulness(self.signature.parity).strip(),
            *(f"Note: {note}" for note in self.notes),
        ]
        return "\n".join(lines)


def adopt(
    model: str | os.PathLike[str] | onnx.ModelProto,
    X: Any,
    path: str | os.PathLike[str],
    *,
    answers: Any = None,
    name: str | None = None,
    version: str = "1",
    task: Task | None = None,
    classes: Sequence[Any] | None = None,
    tolerance: float = TOLERANCE,
    witnesses: bool = True,
) -> Adopted:
    """Wrap an ONNX graph of another make to the contract, sign it, and write it.

    Args:
        model: The graph, or its file: of skl2onnx, onnxmltools, PyTorch, ...
        X: Rows that it takes, a table of `[N, K]`: names and types of the columns are taken from it.
        path: Where to write the model.
        answers: What the model that the graph was made of answers: labels or predictions `[N]`, or predictions,
            probabilities or decisions `[N, C]`. Without them nothing is proved, and the signature says so.
        name: The model's name (default: the file's).
        version: The model's version.
        task: What it does, where the graph does not tell.
        classes: The labels in the order of the scores, where the graph does not tell.
        tolerance: How far a number may be from the given one, relative to its size.
        witnesses: Whether the file carries some hundred of the rows with their `answers`, for which the model is asked
            where it is served.

    Returns:
        What was made of it.

    Raises:
        ExportError: The graph cannot be adopted, or its answers are not those that are given; one sentence says why.
            Nothing is written.
    """
    path = Path(path)
    graph = opened(model)
    keys = without_maps(graph.graph)
    inputs, sample = assigned(inputs_of(graph.graph), frame_of(X))
    columns = [described(str(n), sample[n], k) for n, k in zip(sample, kinds(inputs), strict=True)]
    taken = [column.name for column in columns if column.name in OUTPUTS]
    if taken:
        raise AdoptionError(f"a column is named {taken[0]!r}, as an output of the service is: give it another name")
    given = answered(graph, inputs, sample)
    label, scores = outputs(given, task)
    own = keys.get(scores or "") or (labels_of(graph.graph, label) if label else None)
    roles = roles_of(given, label, scores, own, task, classes)
    adopted = wrapped(graph, inputs, columns, roles, width(given[roles.scores]) if roles.scores else 0)
    session = Graph(adopted, columns)
    answer = session.predict(sample)
    check_wrapping(session, sample, roles, given, answer, tolerance)
    columns, notes = with_gaps(session, columns, sample)
    compared = None if answers is None else expected_of(answer, answers)
    parity = compared and proof(answer, *compared, tolerance)
    stem = path.stem if isinstance(model, onnx.ModelProto) else Path(model).stem
    signature = signed(graph, columns, roles, parity, name or stem, version)
    carried = chosen(session, sample, *compared, signature) if compared and witnesses else None
    write(adopted, signature, path, carried)
    if len(sample) == 1:
        notes.append("the sample has one row alone: whether the graph answers each row for itself has not been seen")
    return Adopted(signature, session.outputs, [*roles.notes, *notes], path)


def signed(
    graph: onnx.ModelProto, columns: list[Column], roles: Roles, parity: Parity | None, name: str, version: str
) -> Signature:
    """What the server and its users may want to know of the model."""
    classes, label_type = (None, None) if roles.classes is None else describe_labels(np.array(roles.classes))
    producer = {graph.producer_name: graph.producer_version} if graph.producer_name else {}
    ours = {package: metadata.version(package) for package in ("onnx", "onnxruntime")}
    return Signature(
        name=name,
        version=version,
        task=roles.task,
        columns=columns,
        producers=producer | ours,
        classes=classes,
        label_type=label_type,
        parity=parity,
    )


def check_wrapping(
    session: Graph, sample: pd.DataFrame, roles: Roles, given: Answers, answer: Answers, tolerance: float
) -> None:
    """The wrapped graph answers as the graph does by itself, and a row alone as among others.

    Raises:
        AdoptionError: It does not.
    """
    for name, source in (("label", roles.label), (roles.called, roles.scores)):
        if source is not None:
            expected = given[source].reshape(answer[name].shape)
            if name == "label" and roles.numbered:
                expected = np.array(roles.classes)[expected.astype(np.int64)]
            what = f"the graph wrapped to the contract gives another {name} than by itself"
            alike(what, expected, answer[name], tolerance)
    few = range(min(len(sample), FEW))
    alone = [session.predict(sample.iloc[[row]]) for row in few]
    for name, whole in answer.items():
        one: NDArray[Any] = np.concatenate([found[name] for found in alone])
        # Scores are computed in another order for another number of rows, and so may the label of two alike be.
        if name != "label" or roles.scores is None:
            alike(f"the graph gives a row alone another {name} than among others", whole[: len(few)], one, APART)


def with_gaps(session: Graph, columns: list[Column], sample: pd.DataFrame) -> tuple[list[Column], list[str]]:
    """The columns, those nullable that have gaps in the sample to which the graph gives finite answers; and notes.

    Where the sample has none, nobody says that the model that the graph was made of takes a missing value.
    """
    filled = sample.iloc[:FEW].fillna({column.name: column.example for column in columns})
    found, notes = [], []
    for column in columns:
        gaps = bool(sample[column.name].isna().any())
        nullable = gaps and finite(session.predict(with_missing(sample)(filled, [column.name])))
        if gaps and not nullable:
            notes.append(f"column {column.name!r} has gaps, to which the graph has no finite answer: it is required")
        found.append(msgspec.structs.replace(column, nullable=nullable))
    return found, notes


def finite(answer: Answers) -> bool:
    """Whether there are numbers, all of them finite."""
    numbers = [values for name, values in answer.items() if name != "label"]
    return bool(numbers) and all(bool(np.isfinite(values).all()) for values in numbers)
