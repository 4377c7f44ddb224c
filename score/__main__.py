"""`alpenglow score`: a file of rows to the same file with the model's answers."""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from alpenglow import __version__
from alpenglow._score.files.batch import Format
from alpenglow._score.job import fill
from alpenglow._score.partial import Done, Partial
from alpenglow._score.rows import Scoring
from alpenglow._serve.model import load
from alpenglow._serve.verification import BUDGET, verify

ASIDE = 3  # the status when rows were set aside
FORMATS = {".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all rows are answered, 3 when some were set aside, 1 when it cannot be done."""
    options = parse(arguments)
    try:
        done = run(options)
    except (ValueError, OSError) as error:
        print(f"score: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nscore: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    print(f"Wrote {options.output}: {done.rows - done.aside:,} rows")
    if done.aside:
        print(f"Set aside {done.aside:,} rows that do not fit: {options.output}.rejected.jsonl says why")
    return ASIDE if done.aside else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="alpenglow score",
        description="Answer the rows of a file, as alpenglow serve answers them. Rows that do not fit the model are "
        "set aside in OUTPUT.rejected.jsonl with what is wrong with them, and the status is then 3. What is stopped "
        "goes on where it was when the same command comes again.",
    )
    parser.add_argument("input", type=Path, metavar="INPUT", help="rows: CSV, parquet or JSON lines, by its name's end")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="the same with the answers, in the same format")
    parser.add_argument(
        "--model", type=Path, default=Path("artifacts/model.onnx"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--keep", nargs="*", metavar="COLUMN", help="the input's columns that the output has, too (default: all)"
    )
    parser.add_argument(
        "--outputs",
        nargs="+",
        metavar="ANSWER",
        help="prediction, and probabilities or decision where the model has them (default: all that it has)",
    )
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> Done:
    """Score, and say what it came to."""
    model = load(options.model)
    verify(model, options.model, BUDGET)
    scoring = Scoring(model, options.outputs)
    form = format_of(options.input, options.output, scoring, options.keep)
    there = options.input.stat()
    of = {
        "alpenglow": __version__,
        "model": hashlib.sha256(options.model.read_bytes()).hexdigest(),
        "input": {"name": options.input.name, "size": there.st_size, "mtime_ns": there.st_mtime_ns},
        "outputs": list(scoring.outputs),
        "keep": options.keep,
    }
    with Partial(options.output, of) as partial:
        fill(partial, form, scoring)
        partial.finish(form.join)
        return partial.so_far


def format_of(path: Path, output: Path, scoring: Scoring, keep: Sequence[str] | None) -> Format:
    """How a file is read and written, by its name.

    Raises:
        ValueError: It has another name than these formats have, or the output has another format.
    """
    if output.exists() and path.exists() and output.samefile(path):
        raise ValueError(f"{path} is the input: name another file for the output")
    kind, other = (FORMATS.get(file.suffix.lower()) for file in (path, output))
    if kind is None:
        raise ValueError(f"{path}: expected a file whose name ends with {', '.join(FORMATS)}")
    if kind != other:
        raise ValueError(f"{output}: expected the input's format, a name that ends with {path.suffix}")
    if kind == "csv":
        from alpenglow._score.files.csv import Csv

        return Csv(path, scoring, keep)
    if kind == "json":
        from alpenglow._score.files.json_lines import JsonLines

        return JsonLines(path, scoring, keep)
    from alpenglow._score.files.parquet import Parquet

    return Parquet(path, scoring, keep)


if __name__ == "__main__":
    sys.exit(main())
