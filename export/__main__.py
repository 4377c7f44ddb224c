"""`alpenglow export`: a fitted pipeline to `model.onnx`, once both have given the same answers."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alpenglow._export.api import export
from alpenglow._export.bounds import TOLERANCE
from alpenglow._export.errors import ExportError, ParityError
from alpenglow._export.files import load_pipeline, load_table
from alpenglow._export.sample import fitted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the model is written, 1 when it must not be."""
    options = parse(arguments)
    sys.path[:0] = map(str, options.path)
    try:
        run(options)
    except ParityError as error:
        print(error.report)
        print(f"export: {error}", file=sys.stderr)
        return 1
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="alpenglow export",
        description="Convert a fitted pipeline to one ONNX graph, and write it once both have given the same answers.",
    )
    parser.add_argument(
        "pipeline",
        nargs="?",
        type=Path,
        default=Path("artifacts/pipeline.joblib"),
        help="a fitted Pipeline or estimator, written by joblib, pickle, cloudpickle or dill (default: %(default)s)",
    )
    parser.add_argument(
        "--sample",
        type=Path,
        metavar="FILE",
        help="rows to check it on: CSV, JSON lines, Parquet, Feather, npy, or a data frame that was pickled "
        "(default: sample.joblib beside it)",
    )
    parser.add_argument("--name", help="the model's name (default: the training data's, else the pipeline file's)")
    parser.add_argument("--model-version", default="1", metavar="VERSION", help="default: %(default)s")
    parser.add_argument(
        "--output", type=Path, default=Path("artifacts/model.onnx"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--path",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="where the modules are that the pipeline's own classes and functions come from",
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
    """Load, export, and say what came of it."""
    print(f"Exporting {options.pipeline}")
    pipeline = load_pipeline(options.pipeline)
    training = training_record(options.pipeline)
    report = export(
        pipeline,
        load_table(options.sample, fitted(pipeline)),
        options.output,
        name=options.name or training.get("name") or options.pipeline.name.split(".")[0],
        version=options.model_version,
        tolerance=options.tolerance,
        allow_label_differences=options.allow_label_differences,
        training=training,
        progress=lambda line: print(f"  {line}", flush=True),
    )
    print(report)
    print(f"Wrote {options.output} ({options.output.stat().st_size:,} bytes)")


def training_record(pipeline: Path) -> dict[str, Any]:
    """What `alpenglow train` noted of this very pipeline; nothing if it is another one."""
    try:
        record: dict[str, Any] = json.loads(pipeline.with_name("training.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    digest = hashlib.sha256(pipeline.read_bytes()).hexdigest()
    return record if record.get("pipeline_sha256") == digest else {}


if __name__ == "__main__":
    sys.exit(main())
