"""`make graphs`: what the exported forest costs beside skl2onnx's own graph of the same pipeline; `docs/graphs.json`.

In containers of the image, on musl, where Docker runs and the image is there; else with this Python.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import joblib
import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType

from docs import graphs
from tests.image.containers import IMAGE, exists

OURS, THEIRS = "ours.onnx", "skl2onnx.onnx"
LEAST, MOST = 16, 512  # MiB
LOADS = 7


def main() -> int:
    """Measure both and print a table."""
    artifacts = Path("artifacts")
    pipeline, sample = (joblib.load(artifacts / f"{name}.joblib") for name in ("pipeline", "sample"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / OURS).write_bytes((artifacts / "model.onnx").read_bytes())
        print("converting with skl2onnx alone ...", flush=True)
        (folder / THEIRS).write_bytes(their_graph(pipeline, sample).SerializeToString())
        (folder / "graph.py").write_bytes(Path("benchmarks/graph.py").read_bytes())
        rows = sample.iloc[:1000]
        columns = [rows[name].to_numpy().tolist() for name in rows]
        (folder / "sample.json").write_text(json.dumps(columns), encoding="utf-8")
        for file in folder.iterdir():
            file.chmod(0o644)
        in_image = exists(IMAGE)
        print(f"measuring in {'containers of the image' if in_image else 'this Python'} ...", flush=True)
        report(measure(folder, in_image), in_image)
    return 0


def their_graph(pipeline: Any, sample: pd.DataFrame) -> Any:
    """The pipeline as skl2onnx converts it by default: numbers are float32."""
    types = [
        (name, (FloatTensorType if sample[name].dtype.kind in "iuf" else StringTensorType)([None, 1]))
        for name in sample
    ]
    return convert_sklearn(
        pipeline,
        initial_types=types,
        target_opset={"": 21, "ai.onnx.ml": 3},
        options={id(pipeline.steps[-1][1]): {"zipmap": False}},
    )


def runner(folder: Path, in_image: bool, memory: int | None = None) -> Callable[..., Any]:
    """Runs `benchmarks.graph` and returns what it prints; None if it died."""
    limits = [] if memory is None else [f"--memory={memory}m", f"--memory-swap={memory}m"]
    docker = ["docker", "run", "--rm", "--network=none", *limits, f"--volume={folder}:/graphs:ro"]
    command = [*docker, "--workdir=/graphs", "--entrypoint=python3", IMAGE] if in_image else [sys.executable]

    def run(*arguments: str) -> Any:
        done = subprocess.run([*command, "graph.py", *arguments], cwd=folder, capture_output=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    return run


def measure(folder: Path, in_image: bool) -> list[tuple[str, float, float, str]]:
    """For each quantity its name, ours, theirs, and the unit."""
    run = runner(folder, in_image)
    sizes = [(folder / name).stat().st_size / 1e6 for name in (OURS, THEIRS)]
    loads: list[list[dict[str, Any]]] = [[], []]
    for _ in range(LOADS):
        for found, name in zip(loads, (OURS, THEIRS), strict=True):
            found.append(run("memory", name))
    rows: list[tuple[str, float, float, str]] = [("file", sizes[0], sizes[1], "MB")]
    for key, what in (("after", "anonymous memory once loaded"), ("peak", "anonymous memory at the peak")):
        ours, theirs = (median(one[key] for one in side) / 1024 for side in loads)
        rows.append((what, ours, theirs, "MiB"))
    if in_image:
        rows.append(("smallest container that loads it", smallest(folder, OURS), smallest(folder, THEIRS), "MiB"))
    ours, theirs = (median(one["load"] for one in side) * 1e3 for side in loads)
    rows.append(("load", ours, theirs, "ms"))
    times = run("speed", "sample.json", OURS, THEIRS)
    for count, what in (("1", "one row"), ("1000", "1,000 rows")):
        ours, theirs = (float(np.median(side)) * 1e6 for side in times[count])
        rows.append((what, ours, theirs, "µs"))
    return rows


def smallest(folder: Path, name: str) -> int:
    """The least MiB, by bisection."""
    least, most = LEAST, MOST
    while most - least > 1:
        middle = (least + most) // 2
        loaded = runner(folder, True, middle)("memory", name) is not None
        least, most = (least, middle) if loaded else (middle, most)
    return most


def report(rows: list[tuple[str, float, float, str]], in_image: bool) -> None:
    """Write the figures down and print them as a table with ratios."""
    where = f"with ONNX Runtime {onnxruntime.__version__} and glibc"
    if in_image:
        command = ["docker", "run", "--rm", "--entrypoint=python3", IMAGE, "-c"]
        script = "import onnxruntime; print(onnxruntime.__version__)"
        version = subprocess.run([*command, script], capture_output=True, text=True, check=True).stdout.strip()
        where = f"in containers of the image (ONNX Runtime {version}, musl)"
    found = [dict(zip(("what", "ours", "theirs", "unit"), row, strict=True)) for row in rows]
    content = {"date": date.today().isoformat(), "where": where, "rows": found}
    graphs.JSON.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    graphs.table()


if __name__ == "__main__":
    sys.exit(main())
