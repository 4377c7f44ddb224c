"""`make image-memory`: the smallest memory limit under which the image serves, with several models.

Writes `docs/image-memory.json`.
"""

import json
import sys
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path

from docs import image_memory
from tests.commands import alpenglow
from tests.image.containers import IMAGE, exists, serving
from tests.image.load import load

REQUEST = Path("tests/seed_request.json")
REQUESTS, CLIENTS = 1600, 16
LEAST, MOST = 32, 256  # MiB
ESTIMATORS = {
    "logistic-regression": "logistic regression",
    "hist-gradient-boosting": "histogram gradient boosting",
    "random-forest": "random forest, 50 trees",
}


def main() -> int:
    """Train, export, and search for the limit of each."""
    if not exists(IMAGE):
        print(f"image-memory: there is no image {IMAGE}: make image", file=sys.stderr)
        return 1
    models = []
    for estimator, label in ESTIMATORS.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            print(f"exporting a {label} on Adult ...", flush=True)
            alpenglow("train", "--estimator", estimator, "--output", folder)
            alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx")
            (folder / "model.onnx").chmod(0o644)
            models.append(
                {
                    "label": label,
                    "bytes": (folder / "model.onnx").stat().st_size,
                    "limit": smallest(folder / "model.onnx"),
                }
            )
    image_memory.JSON.write_text(
        json.dumps({"date": date.today().isoformat(), "clients": CLIENTS, "models": models}, indent=2) + "\n",
        encoding="utf-8",
    )
    image_memory.table()
    return 0


def smallest(model: Path) -> int:
    """The least MiB with which two workers answer all requests, by bisection."""
    least, most = LEAST, MOST
    while most - least > 1:
        middle = (least + most) // 2
        served = serves(model, middle)
        print(f"  {middle} MiB: {'serves' if served else 'does not serve'}", flush=True)
        least, most = (least, middle) if served else (middle, most)
    return most


def serves(model: Path, mib: int) -> bool:
    """Whether a container with so much memory starts, and answers every request of parallel clients."""
    limits = (f"--memory={mib}m", f"--memory-swap={mib}m", "--env=WORKERS=2", f"--volume={model}:/model/model.onnx:ro")
    with suppress(AssertionError), serving(*limits) as container:
        outcome = load(container, REQUEST.read_bytes(), REQUESTS, clients=CLIENTS)
        return outcome.answered == REQUESTS and not container.state()["OOMKilled"]
    return False


if __name__ == "__main__":
    sys.exit(main())
