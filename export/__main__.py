"""`alpenglow export`: a fitted pipeline to `model.onnx`, once both have given the same answers."""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alpenglow._export.api import export
from alpenglow._export.errors import ExportError, ParityError, PipelineError, SampleError
from alpenglow._export.files.explained import explained
from alpenglow._export.files.kept import SAMPLE, find
from alpenglow._export.files.mlflow_folders import at_hand
from alpenglow._export.files.pipelines import load_pipeline
from alpenglow._export.files.place import Place
from alpenglow._export.files.tables import FORMS, load_table
from alpenglow._export.gate.bounds import TOLERANCE
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.sample import fitted
from alpenglow._export.plugins import load_plugin


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the model is written, 1 when it must not be."""
    options = parse(arguments)
    sys.path[:0] = map(str, options.path)
    try:
        for plugin in options.plugin:
            load_plugin(plugin)
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
        help="a fitted Pipeline or estimator: a file of joblib, pickle, cloudpickle, dill or skops, a folder of "
        "MLflow, Hugging Face or BentoML, or MLflow's models:/NAME/VERSION or runs:/ID/NAME (default: %(default)s)",
    )
    parser.add_argument(
        "--sample",
        type=Path,
        metavar="FILE",
        help=f"rows to check it on: {FORMS} (default: those saved with the model, or sample.joblib beside it)",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="load a skops file's types that skops does not trust by itself; a pickle is trusted by being given",
    )
    parser.add_argument("--name", help="the model's name (default: the training data's, MLflow's, or the file's)")
    parser.add_argument(
        "--target",
        action="append",
        metavar="NAME",
        help="what it predicts (default: the training data's name for it); of several labels at once say it for "
        "each, in the order of y's columns",
    )
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
        "--plugin",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a module that gives classes of your own a converter, with alpenglow.register",
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
    parser.add_argument(
        "--no-witnesses",
        dest="witnesses",
        action="store_false",
        help="carry no rows of the sample in the model's file: whether it answers the same where it is served is then "
        "not looked at",
    )
    return parser.parse_args(arguments)


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
    with at_hand(options.pipeline) as path:
        place = find(path)
        if place.file != path:
            progress(f"Loading {place.file}")
        sys.path[:0] = map(str, place.code)
        pipeline = load_pipeline(place.file, version=place.version, trust=options.trust, progress=progress)
        training = training_record(place.file)
        if options.target:
            training["target"] = options.target
        sample = rows(options.sample, place, fitted(pipeline))
        report = export(
            pipeline,
            sample,
            options.output,
            name=options.name or training.get("name") or place.name,
            version=options.model_version,
            tolerance=options.tolerance,
            allow_label_differences=options.allow_label_differences,
            training=training,
            witnesses=options.witnesses,
            progress=progress,
        )
    print(report)
    print(f"Wrote {options.output} ({options.output.stat().st_size:,} bytes)")


def progress(line: str) -> None:
    """Say what is being done."""
    print(f"  {line}", flush=True)


def rows(file: Path | None, place: Place, known: Fitted) -> Any:
    """The rows of this file, else those that were kept with the pipeline.

    Raises:
        SampleError: There are none.
    """
    if file is None and place.rows:
        return place.rows()
    beside = place.file.with_name(f"{SAMPLE}.joblib")
    if file is None and not beside.is_file():
        raise SampleError(
            f"there is no {beside.name} beside {place.file}: say --sample FILE with rows of X, as {FORMS}"
        )
    return load_table(file or beside, known, place.text)


def training_record(pipeline: Path) -> dict[str, Any]:
    """What `alpenglow train` noted of this very pipeline; nothing if it is another one."""
    path = pipeline.with_name("training.json")
    if not path.is_file():
        return {}
    with explained(path, PipelineError):
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    digest = hashlib.sha256(pipeline.read_bytes()).hexdigest()
    return record if record.get("pipeline_sha256") == digest else {}


if __name__ == "__main__":
    sys.exit(main())
