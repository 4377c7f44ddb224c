"""A request's rows as the graph takes them, without the service."""

from typing import Any

import numpy as np
from msgspec import Raw
from numpy.typing import NDArray

from alpenglow._serve.errors import RowsError
from alpenglow._serve.formats import split
from alpenglow._serve.formats.typed import Typed
from alpenglow._serve.inputs import Inputs
from alpenglow._serve.model import Model


def values(model: Model, body: bytes) -> dict[str, NDArray[Any]]:
    """What `Model.predict` takes, of split JSON."""
    columns = model.signature.columns
    inputs = Inputs(columns)
    parts = [
        inputs.encode(part).values
        for part in split.parts(Raw(body), Typed(columns), split.EXPECTED, "#")
        if not isinstance(part, RowsError)
    ]
    return {kind: np.concatenate([part[kind] for part in parts]) for kind in parts[0]}
