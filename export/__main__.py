"""`python -m export`: a fitted pipeline to `model.onnx`, once both have given the same answers."""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import onnx

from export import parity
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
    options = parser.parse_args(arguments)
    options.sample = options.sample or options.pipeline.with_name("sample.joblib")
    return options


def run(options: argparse.Namespace) -> None:
    """Load, convert, prove, write."""
    pipeline, notes = load_pipeline(options.pipeline)
    for note in notes:
        print(f"Note: {note}")
    sample = load_sample(options.sample, pipeline)
    print(f"Exporting {options.pipeline}: asking scikit-learn what its {sample.shape[1]} columns take", flush=True)
    columns = describe_columns(pipeline, sample)
    model = convert(pipeline, columns, sample)
    graph = parity.Graph(model, columns)
    checks = parity.check(pipeline, graph, sample, progress=lambda what: print(f"  {what}", flush=True))
    print(parity.table(checks, labels=task_of(pipeline) != "regression"))
    refuse_differences(checks)
    sign(model, signature(options, pipeline, graph.columns, parity.summary(checks)))
    write(model, options.output)
    print(f"Wrote {options.output} ({options.output.stat().st_size:,} bytes)")


def refuse_differences(checks: Sequence[parity.Check]) -> None:
    """Stop when the graph's answers are not scikit-learn's.

    Raises:
        ParityError: Names the kind of rows and shows the first that differ.
    """
    for check in checks:
        if not check.equal:
            rows = "; ".join(f"row {row}: {expected!r} became {given!r}" for row, expected, given in check.examples)
            raise ParityError(f"the graph differs from scikit-learn on {check.what}, so nothing is written: {rows}")


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
