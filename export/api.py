"""`alpenglow.export`: convert, prove, write."""

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx

from alpenglow._export.convert import convert, dates_in_text
from alpenglow._export.errors import OutputError
from alpenglow._export.gate import float32, magnitudes, parity
from alpenglow._export.gate.boundaries import APART
from alpenglow._export.gate.bounds import bounds_of, rounded, tolerance_of
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.near_ties import ties_of
from alpenglow._export.gate.witnesses import Keeper
from alpenglow._export.pipeline.describe import describe_columns, described_classes
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.sample import fitted, rows_of, untyped
from alpenglow._export.proved.claims import claims, proved_forests, without_trees
from alpenglow._export.registry import untested
from alpenglow._export.report import Report
from alpenglow._serve.signature import KEY, Column, Parity, Signature
from alpenglow._serve.witnesses import KEY as WITNESSES
from alpenglow._serve.witnesses import Witnesses, encode

PRODUCERS = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime")
Progress = Callable[[str], None]


def export(
    pipeline: Any,
    X: Any,
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    version: str = "1",
    tolerance: float | None = None,
    allow_label_differences: int = 0,
    training: dict[str, Any] | None = None,
    witnesses: bool = True,
    progress: Progress = lambda line: None,
) -> Report:
    """Convert a fitted pipeline to one ONNX graph, and write it once both have given the same answers.

    Args:
        pipeline: A fitted classifier, regressor, clusterer or outlier detector of scikit-learn, most often a Pipeline,
            or a search that found one.
        X: Rows that it predicts, as it was fitted on: a table of `[N, K]`, or texts `[N]`. The more, the better the
            proof; training and held-out rows together are a good choice.
        path: Where to write the graph.
        name: The model's name (default: the file's).
        version: The model's version.
        tolerance: How far a probability, decision or regression may be from scikit-learn's, relative to its size
            (default: 1e-12, more for some families; the report says why).
        allow_label_differences: Write the model although so many labels differ.
        training: What the signature says of the training: `target`, `data_sha256`, `scores`. Of several labels at once
            `target` has their names, in the order of y's columns (default: their numbers).
        witnesses: Whether the file carries some hundred of the compared rows, rows of `X` among them, with
            scikit-learn's answers: where the model is served, it is asked for them before anybody else asks it.
        progress: Gets a line for each step, such as `print`.

    Returns:
        What was compared.

    Raises:
        ExportError: The pipeline or the rows cannot be used; one sentence says why. Nothing is written.
        ParityError: The graph differs from scikit-learn by more than is allowed. Nothing is written.
    """
    path = Path(path)
    given = fitted(pipeline, (training or {}).get("target"))
    with given.single_threaded():
        given, table = untyped(given, rows_of(X, given))
        sample, known = float32.widened_table(table), float32.widened(given)
        progress(f"Asking scikit-learn what the pipeline's {sample.shape[1]} columns take")
        columns = describe_columns(known, sample, dates_in_text(known, sample))
        model = convert(known, columns, sample)
        progress(f"Converted: {len(model.graph.node):,} nodes, {model.ByteSize():,} bytes")
        graph = Graph(model, columns)
        tolerance = tolerance or tolerance_of(known.steps)
        proofs = claims(known.estimator, model)
        for claim in proofs:
            progress(f"{claim.what} proved equal" if claim.proved else str(claim))
        taken = graph.columns
        graph.columns = magnitudes.bounded(known, graph, sample, tolerance)
        keeper = Keeper(graph.columns) if witnesses else None
        checks = parity.check(known, graph, sample, tolerance, progress, keeper, proved_forests(proofs))
        remarks = (
            notes(known, checks) + magnitudes.note(taken, graph.columns) + float32.note(given, table, known, sample)
        )
    labels = known.task != "regression"
    ties = [f"{step}: {what}" for step, what in ties_of(known.steps).items()]
    proved = without_trees(proofs)
    report = Report(checks, tolerance, labels, allow_label_differences, remarks + ties, path, ties, proved)
    report.refuse_differences()
    what = signature(known, graph.columns, report.parity(), name or path.stem, version, training or {})
    carried = keeper.chosen(graph.ask, what) if keeper else None
    if carried:
        progress(f"{len(carried.kinds):,} of these rows go into the file, to be asked for where it is served")
    write(model, what, path, carried)
    return report


def notes(fitted: Fitted, checks: list[parity.Check]) -> list[str]:
    """What is to be known of the proof."""
    found = []
    several = sum(check.either for check in checks)
    if several:
        found.append(
            f"scikit-learn has several answers to {several:,} rows, depending on what else it is asked for; "
            "the graph gives one of them"
        )
    tied = sum(check.tied for check in checks)
    if tied:
        found.append(f"{tied:,} rows lie on a tie to the last digit, and got the label of its other side")
    refused = sum(check.refused for check in checks)
    if refused:
        found.append(f"{refused:,} rows that were made for this are left out: scikit-learn refuses them")
    if fitted.undecided:
        found.append(
            f"{len(fitted.undecided):,} of the columns were asked about only together with others, as there are so "
            "many: what scikit-learn refused in such a group counts as refused in each of them"
        )
    hashed = sorted(fitted.hashed_columns(fitted.names))
    if hashed:
        found.append(
            f"{', '.join(map(repr, hashed))}: the service takes the values of the sample and refuses others, as no "
            "graph can compute the hash of an unknown one"
        )
    found += untested(step for _, step in fitted.steps)
    steps = rounded(step for _, step in fitted.steps)
    if steps:
        found.append(
            f"{', '.join(steps)}: equal to rounding, not to the last bit; thresholds behind that were checked at a "
            f"distance of {APART:g} of the column's range"
        )
    return found + [f"{step} is exact to {bound:g}: {why}" for step, (bound, why) in bounds_of(fitted.steps).items()]


def signature(
    fitted: Fitted, columns: list[Column], proof: Parity, name: str, model_version: str, training: dict[str, Any]
) -> Signature:
    """Everything that the server and its users may want to know of the model."""
    task = fitted.task
    assert task  # noqa: S101 - `pipeline.sample.fitted` refuses what has none
    classes, label_type, targets = described_classes(fitted)
    target = training.get("target")
    if target is not None and not isinstance(target, str):
        target = ", ".join(map(str, target))
    return Signature(
        name=name,
        version=model_version,
        task=task,
        columns=columns,
        producers={package: metadata.version(package) for package in PRODUCERS},
        classes=classes,
        label_type=label_type,
        target=target,
        targets=targets,
        data_sha256=training.get("data_sha256"),
        scores=training.get("scores"),
        parity=proof,
    )


def plain(value: Any) -> Any:
    """A number of NumPy's as one of Python's.

    Raises:
        NotImplementedError: It is something else.
    """
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"{type(value).__name__} has no place in a signature")


def write(model: onnx.ModelProto, what: Signature, path: Path, witnesses: Witnesses | None = None) -> None:
    """Sign the model, add its witnesses, and write the file whole or not at all: a server may be reading the old one.

    Raises:
        OutputError: It cannot be written.
    """
    model.metadata_props.add(key=KEY, value=msgspec.json.encode(what, enc_hook=plain).decode())
    if witnesses:
        model.metadata_props.add(key=WITNESSES, value=encode(witnesses))
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(model.SerializeToString(deterministic=True))
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
