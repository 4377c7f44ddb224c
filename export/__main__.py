"""`python -m export`: a fitted pipeline to `model.onnx`, once both have given the same answers."""

import argparse
import hashlib
import json
import math
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import onnx

from export import parity
from export.boundaries import APART
from export.bounds import TOLERANCE, bounds_of, rounded, tolerance_of
from export.convert import convert
from export.describe import describe_columns, describe_labels
from export.errors import ExportError, ParityError
from export.sample import load_pipeline, load_sample
from export.tasks import task_of
from serve.signature import KEY, Column, Signature

PRODUCERS = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the model is written, 1 when it must not be."""
    options = parse(arguments)
    try:
        run(options)
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m export",
        description="Convert a fitted pipeline to one ONNX graph, and write it once both have given the same answers.",
    )
    parser.add_argument(
        "pipeline",
        nargs="?",
        type=Path,
        default=Path("artifacts/pipeline.joblib"),
        help="a fitted Pipeline or estimator, written by joblib.dump (default: %(default)s)",
    )
    parser.add_argument(
        "--sample",
        type=Path,
        metavar="FILE",
        help="rows to check it on: CSV, or a data frame written by joblib.dump (default: sample.joblib beside it)",
    )
    parser.add_argument("--name", help="the model's name (default: the training data's, else the pipeline file's)")
    parser.add_argument("--model-version", default="1", metavar="VERSION", help="default: %(default)s")
    parser.add_argument(
        "--output", type=Path, default=Path("artifacts/model.onnx"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--tolerance",
        type=positive,
        metavar="NUMBER",
        help="how far a probability, decision or regression may be from scikit-learn's, relative to its size "
        f"(default: {TOLERANCE}, more where the report says why)",
    )
    parser.add_argument(
        "--allow-label-differences",
        type=count,
        default=0,
        metavar="N",
        help="write the model although up to N labels differ (default: none may)",
    )
    options = parser.parse_args(arguments)
    options.sample = options.sample or options.pipeline.with_name("sample.joblib")
    return options


def positive(text: str) -> float:
    """Read a tolerance.

    Raises:
        argparse.ArgumentTypeError: It is no positive number.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number such as 1e-6, got {text!r}")
    return value


def count(text: str) -> int:
    """Read a number of rows.

    Raises:
        argparse.ArgumentTypeError: It is no whole number from 0 on.
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number such as 3, got {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Load, convert, prove, write."""
    pipeline, notes = load_pipeline(options.pipeline)
    for note in notes:
        print(f"Note: {note}")
    sample = load_sample(options.sample, pipeline)
    print(f"Exporting {options.pipeline}: asking scikit-learn what its {sample.shape[1]} columns take", flush=True)
    columns = describe_columns(pipeline, sample)
    model = convert(pipeline, columns, sample)
    print(f"  converted: {len(model.graph.node):,} nodes, {model.ByteSize():,} bytes", flush=True)
    graph = parity.Graph(model, columns)
    tolerance = options.tolerance or tolerance_of(pipeline)
    checks = parity.check(pipeline, graph, sample, tolerance, progress=lambda what: print(f"  {what}", flush=True))
    print(parity.table(checks, labels=task_of(pipeline) != "regression"))
    several = sum(check.either for check in checks)
    if several:
        print(f"Note: scikit-learn has several answers to {several:,} rows, depending on what else it is asked for;")
        print("      the graph gives one of them")
    steps = rounded(pipeline)
    if steps:
        print(f"Note: {', '.join(steps)}: equal to rounding, not to the last bit; thresholds behind that were")
        print(f"      checked at a distance of {APART:g} of the column's range")
    for name, (bound, why) in bounds_of(pipeline).items():
        print(f"Note: {name} is exact to {bound:g}: {why}")
    refuse_differences(checks, tolerance, options.allow_label_differences)
    proof = parity.summary(checks, tolerance, options.allow_label_differences)
    sign(model, signature(options, pipeline, graph.columns, proof))
    write(model, options.output)
    print(f"Wrote {options.output} ({options.output.stat().st_size:,} bytes)")


def refuse_differences(checks: Sequence[parity.Check], tolerance: float, allowed: int) -> None:
    """Stop when the graph's answers are not scikit-learn's.

    Raises:
        ParityError: Names the first kind of rows that differ, shows some, and says what would accept them.
    """
    labels = sum(check.different_labels for check in checks)
    too_far = sum(check.too_far for check in checks)
    largest = max(check.largest_difference for check in checks)
    if labels <= allowed and largest <= tolerance:
        return
    check = next(check for check in checks if check.examples)
    rows = "; ".join(f"row {row}: {expected!r} became {given!r}" for row, expected, given in check.examples)
    accepting = []
    if largest > tolerance:
        accepting.append(f"--tolerance {ceil(largest):.0e}" if largest < float("inf") else "nothing")
    if labels > allowed:
        accepting.append(f"--allow-label-differences {labels}")
    raise ParityError(
        f"the graph differs from scikit-learn on rows {parity.of(check.what)}, so nothing is written: {rows}. "
        f"{labels:,} labels differ, {too_far:,} numbers by more than {tolerance:g}; "
        f"{' and '.join(accepting)} would accept that"
    )


def ceil(value: float) -> float:
    """The next number of one digit."""
    digit = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / digit) * digit


def signature(options: argparse.Namespace, pipeline: Any, columns: list[Column], proof: Any) -> Signature:
    """Everything that the server and its users may want to know of the model."""
    record = training_record(options.pipeline)
    task = task_of(pipeline)
    assert task  # noqa: S101 - the pipeline was loaded as one that predicts
    classes, label_type = describe_labels(pipeline.classes_) if task == "classification" else (None, None)
    return Signature(
        name=options.name or record.get("name") or options.pipeline.name.split(".")[0],
        version=options.model_version,
        task=task,
        columns=columns,
        producers={package: version(package) for package in PRODUCERS},
        classes=classes,
        label_type=label_type,
        target=record.get("target"),
        data_sha256=record.get("data_sha256"),
        scores=record.get("scores"),
        parity=proof,
    )


def training_record(pipeline: Path) -> dict[str, Any]:
    """What `python -m train` noted of this very pipeline; nothing if it is another one."""
    try:
        record: dict[str, Any] = json.loads(pipeline.with_name("training.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    digest = hashlib.sha256(pipeline.read_bytes()).hexdigest()
    return record if record.get("pipeline_sha256") == digest else {}


def sign(model: onnx.ModelProto, what: Signature) -> None:
    """Put the signature into the model's metadata."""
    model.metadata_props.add(key=KEY, value=msgspec.json.encode(what).decode())


def write(model: onnx.ModelProto, path: Path) -> None:
    """Write the file whole or not at all: a server may be reading the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(model.SerializeToString(deterministic=True))
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main())
