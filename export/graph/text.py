"""Text in the graph."""

from typing import Any

import pandas as pd
from skl2onnx.common.data_types import StringTensorType

from alpenglow._serve.signature import MISSING


class NoneTensorType(StringTensorType):  # type: ignore[misc]
    """Strings in the graph; in scikit-learn text whose gaps are `None`, not the `NaN` that most steps look for.

    A gap is `MISSING` in the graph, whatever it is in scikit-learn.
    """


def is_string(variable: Any) -> bool:
    """Whether a variable of skl2onnx's holds strings."""
    return isinstance(variable.type, StringTensorType)


def as_text(value: Any) -> str:
    """A category as the graph sees it."""
    if pd.isna(value):
        return MISSING
    if not isinstance(value, str):
        raise NotImplementedError(f"it mixes text with {value!r}")
    return value
