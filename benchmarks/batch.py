"""`make bench-batch`: our batches beside scikit-learn's own `predict`, in the same engine, on one core and on two.

At full size, it keeps what it finds in `docs/`.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from alpenglow._serve.verification import processor
from docs import batch

ROWS, FILES, FEW = 10_000_000, 40, 20_000
PYTHON = Path(".venv-engines/bin/python").absolute()
ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(PYTHON)}
VERSIONS = """
import json
from importlib.metadata import version
print(json.dumps({name: version(name) for name in ("onnxruntime", "scikit-learn", "pyspark", "ray")}))
"""


def main() -> int:
    """Measure, print, and keep what is complete."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=ROWS, help="how many, and then it only prints (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured (default: %(default)s)")
    options = parser.parse_args()
    if not shutil.which("java"):
        print("bench-batch: Spark needs Java; on Debian: apt-get install default-jre-headless", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as name:
        folder = Path(name)
        prepare(folder, options.rows)
        cells = [measured(folder, engine, cores, options.rounds) for cores in (1, 2) for engine in batch.ENGINES]
    versions = json.loads(subprocess.run([PYTHON, "-c", VERSIONS], capture_output=True, check=True).stdout)
    report: batch.Report = {
        "date": date.today().isoformat(),
        "rows": options.rows,
        "processor": processor() or platform.machine(),
        "versions": versions,
        "cells": cells,
    }
    print(batch.text(report))
    if options.rows == ROWS:
        batch.write(report)
        print(f"Wrote {', '.join(path.name for path in batch.FILES)} in docs/")
    return 0


def prepare(folder: Path, rows: int) -> None:
    """The model, the pipeline, and Adult's rows as often as it takes."""
    for name in ("model.onnx", "pipeline.joblib"):
        shutil.copy(Path("artifacts") / name, folder)
    sample: Any = pa.Table.from_pandas(joblib.load("artifacts/sample.joblib"), preserve_index=False)
    for place, count, files in (("few", min(FEW, rows), 2), ("rows", rows, FILES)):
        (folder / place).mkdir()
        for at in range(files):
            numbers = np.arange(count * at // files, count * (at + 1) // files)
            people = sample.take(pa.array(numbers % len(sample))).add_column(0, "id", pa.array(numbers))
            pq.write_table(people, folder / place / f"{at:02d}.parquet")


def measured(folder: Path, engine: str, cores: int, rounds: int) -> batch.Cell:
    """Both sides in an engine."""
    print(f"{engine} on {cores} of {os.cpu_count()} cores ...", flush=True)
    command = [PYTHON, "-m", f"benchmarks.engines.{batch.ENGINES[engine]}", folder, cores, rounds]
    done = subprocess.run(
        list(map(str, command)), env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"bench-batch: {engine} failed:\n{done.stderr}")
    found: batch.Cell = {"engine": engine, "cores": cores} | json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
