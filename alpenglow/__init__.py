"""A fitted scikit-learn pipeline as an HTTP prediction service, with the proof that both give the same answers.

    report = alpenglow.export(pipeline, X, "model.onnx")
    alpenglow.load("model.onnx").predict(X)

The folders of the repository are the private packages `_train`, `_export`, `_serve`, `_score` and `_image` of this one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alpenglow._export.adopt.api import Adopted, adopt
    from alpenglow._export.api import export
    from alpenglow._export.errors import ExportError, ParityError
    from alpenglow._export.plugins import register
    from alpenglow._export.report import Report
    from alpenglow._score.scorer import Scorer, scorer
    from alpenglow._serve.local import Loaded, load

__version__ = "0.2.0"
__all__ = [
    "Adopted",
    "ExportError",
    "Loaded",
    "ParityError",
    "Report",
    "Scorer",
    "adopt",
    "export",
    "load",
    "register",
    "scorer",
]

# What serves loads nothing that exports, and the other way round.
PLACES = {
    "Adopted": "alpenglow._export.adopt.api",
    "ExportError": "alpenglow._export.errors",
    "Loaded": "alpenglow._serve.local",
    "ParityError": "alpenglow._export.errors",
    "Report": "alpenglow._export.report",
    "Scorer": "alpenglow._score.scorer",
    "adopt": "alpenglow._export.adopt.api",
    "export": "alpenglow._export.api",
    "load": "alpenglow._serve.local",
    "register": "alpenglow._export.plugins",
    "scorer": "alpenglow._score.scorer",
}


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module 'alpenglow' has no attribute {name!r}")
    return getattr(import_module(PLACES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
