"""`GET /model`: what is known of the model and of what serves it."""

import platform
from typing import Any

import numpy as np
import onnxruntime

from alpenglow import __version__
from alpenglow._serve.model import Model
from alpenglow._serve.process.settings import Settings
from alpenglow._serve.verification import Verification


def card(model: Model, settings: Settings, verification: Verification) -> dict[str, Any]:
    """The signature as it lies in the model file, whether it has a proof and holds here, size, limits and versions."""
    return {
        "signature": model.signature,
        "proved": model.signature.parity is not None,
        "verification": verification,
        "serving": {
            "outputs": list(model.outputs),
            "model_bytes": model.size,
            "max_body": settings.max_body,
            "max_rows": settings.max_rows,
            "token": settings.token is not None,
            "versions": {
                "alpenglow": __version__,
                "onnxruntime": onnxruntime.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        },
    }
