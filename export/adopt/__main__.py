"""`alpenglow adopt`: an ONNX graph of another make to `model.onnx`, wrapped to the contract and signed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from alpenglow._export.__main__ import positive
from alpenglow._export.adopt.api import adopt
from alpenglow._export.adopt.proof import TOLERANCE
from alpenglow._export.errors import ExportError
from alpenglow._export.files.tables import load_table
from alpenglow._serve.signature import Task


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the model is written, 1 when it must not be."""
    options = parse(arguments)
    try:
        adopted = adopt(
            options.model,
            load_table(options.sample),
            options.output,
            answers=None if options.answers is None else load_table(options.answers),
            name=options.name,
            version=options.model_version,
            task=options.task,
            classes=options.classes,
            tolerance=options.tolerance,
            witnesses=options.witnesses,
        )
    except ExportError as error:
        print(f"adopt: {error}", file=sys.stderr)
        return 1
    print(adopted)
    print(f"Wrote {options.output} ({options.output.stat().st_size:,} bytes)")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="alpenglow adopt",
        description="Wrap and sign a graph that skl2onnx, onnxmltools, PyTorch or others made, so that it is served.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the ONNX file")
    parser.add_argument(
        "--sample",
        type=Path,
        required=True,
        metavar="FILE",
        help="rows that it takes, with the columns' names: CSV, JSON lines, Parquet, Feather, npy, or a pickled frame",
    )
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="a table with what the model that the graph was made of answers to the sample: one column of labels or "
        "predictions, or one for each score (default: nothing is proved, and the model says so)",
    )
    parser.add_argument("--name", help="the model's name (default: the file's)")
    parser.add_argument("--model-version", default="1", metavar="VERSION", help="default: %(default)s")
    parser.add_argument("--task", choices=get_args(Task), help="default: as the graph's outputs tell")
    parser.add_argument(
        "--classes", type=labels, metavar="A,B,...", help="the labels in the order of the scores (default: the graph's)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("artifacts/model.onnx"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--tolerance",
        type=positive,
        default=TOLERANCE,
        metavar="NUMBER",
        help="how far a number may be from the given one, relative to its size (default: %(default)s)",
    )
    parser.add_argument(
        "--no-witnesses",
        dest="witnesses",
        action="store_false",
        help="carry none of the rows and answers in the model's file: whether it answers the same where it is served "
        "is then not looked at",
    )
    return parser.parse_args(arguments)


def labels(text: str) -> list[Any]:
    """Read labels: whole numbers if all of them are, else texts."""
    found = text.split(",")
    return list(map(int, found)) if all(each.removeprefix("-").isdecimal() for each in found) else found


if __name__ == "__main__":
    sys.exit(main())
