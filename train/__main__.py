"""`alpenglow train`: fit a pipeline, score it on held-out rows, write both."""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from alpenglow._train import adult
from alpenglow._train.dataset import TASKS, DataError, Dataset, read_csv
from alpenglow._train.pipeline import ESTIMATORS, build
from alpenglow._train.scores import report, score


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when the artifacts are written, 1 when the data do not allow it."""
    options = parse(arguments)
    try:
        run(options)
    except DataError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="alpenglow train", description="Fit a pipeline, score it on held-out rows, write both."
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="a table with a header line (default: UCI Adult)")
    parser.add_argument("--target", metavar="COLUMN", help="the column of FILE to predict")
    parser.add_argument("--task", choices=TASKS, help="overrule what the target's values suggest")
    parser.add_argument("--estimator", choices=ESTIMATORS, default="random-forest", help="default: %(default)s")
    parser.add_argument(
        "--output", type=Path, default=Path("artifacts"), metavar="FOLDER", help="where to write (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    if (options.csv is None) != (options.target is None):
        parser.error("--csv FILE and --target COLUMN go together")
    if options.csv is None and options.task not in (None, "classification"):
        parser.error("UCI Adult is a classification; --task goes with --csv FILE")
    return options


def run(options: argparse.Namespace) -> None:
    """Load, fit, score, write."""
    with step("Reading " + (str(options.csv) if options.csv else "UCI Adult")):
        data = read_csv(options.csv, options.target, options.task) if options.csv else adult.load()
    features = data.features(data.train)
    print(f"  {data.task} of {data.target!r} from {features.shape[1]} columns")
    with step(f"Fitting {options.estimator} on {len(data.train):,} rows"):
        pipeline = build(options.estimator, data.task, features).fit(features, data.train[data.target])
    with step(f"Scoring on {len(data.test):,} held-out rows"):
        predictions = pipeline.predict(data.features(data.test))
    print(report(data.task, data.test[data.target], predictions))
    for path in write(options.output, pipeline, data, predictions):
        print(f"Wrote {path} ({path.stat().st_size:,} bytes)")


def write(folder: Path, pipeline: Any, data: Dataset, predictions: Any) -> list[Path]:
    """Write the pipeline, the rows for the export to check it on, and the record of the training.

    The same input gives the same bytes: there is no time stamp in them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "pipeline.joblib", folder / "sample.joblib", folder / "training.json"]
    joblib.dump(pipeline, paths[0])
    joblib.dump(data.features(pd.concat([data.train, data.test], ignore_index=True)), paths[1])
    record = {
        "name": data.name,
        "target": data.target,
        "data_sha256": data.sha256,
        "rows": {"trained": len(data.train), "held_out": len(data.test)},
        "scores": score(data.task, data.test[data.target], predictions),
        "pipeline_sha256": hashlib.sha256(paths[0].read_bytes()).hexdigest(),
    }
    paths[2].write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return paths


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and then how long it took."""
    print(f"{what} ...", end=" ", flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print("failed")
        raise
    print(f"{time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
