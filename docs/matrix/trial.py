"""Fit, export and compare each typical pipeline with this environment's packages; print as JSON what came of it."""

import json
import sys
import tempfile
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import alpenglow
from alpenglow._export.gate import parity
from alpenglow._export.gate.bounds import TOLERANCE
from docs.matrix.environments import NAMES
from docs.matrix.typical import Typical, pipelines

EXACT, REFUSED, FAILED = "exact", "refused", "failed"


def main() -> int:
    """Try all of them."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        outcomes = {one.name: outcome(one, Path(folder) / "model.onnx") for one in pipelines()}
    json.dump({"packages": {name: metadata.version(name) for name in NAMES}, "outcomes": outcomes}, sys.stdout)
    return 0


def outcome(one: Typical, path: Path) -> dict[str, str]:
    """One cell of the page, with the reason if it is not exact."""
    fitted = one.pipeline.fit(one.X, one.y)
    try:
        report = alpenglow.export(fitted, one.X, path)
    except alpenglow.ExportError as error:
        return {"cell": REFUSED, "reason": str(error)}
    except Exception as error:  # whatever it is, it is not what a user should see
        return {"cell": FAILED, "reason": f"{type(error).__name__}: {' '.join(str(error).split())}"}
    far = difference(fitted, alpenglow.load(path), one.X)
    if far > report.tolerance:
        return {"cell": FAILED, "reason": f"what was written differs by {far:.2g}"}
    return {"cell": EXACT if report.tolerance <= TOLERANCE else f"{report.tolerance:.0e}", "reason": ""}


def difference(fitted: Any, loaded: alpenglow.Loaded, X: Any) -> float:
    """How far what was written answers from the pipeline, as a client sees it; infinite if a label differs."""
    found = [0.0]
    for method in ("predict", "predict_proba", "decision_function"):
        if not hasattr(fitted, method):
            continue
        expected = np.asarray(getattr(fitted, method)(X))
        try:
            given = getattr(loaded, method)(X)
        except AttributeError:  # probabilities come without the decision behind them
            continue
        if expected.dtype.kind == "f":
            found.append(float(parity.difference(expected, given, float(np.abs(expected).mean())).max()))
        else:
            found.append(0.0 if np.array_equal(expected, given) else np.inf)
    return max(found)


if __name__ == "__main__":
    sys.exit(main())
