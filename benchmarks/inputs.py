"""A request's rows as the graph takes them, without the service."""

from typing import Any

import msgspec
from numpy.typing import NDArray

from serve.formats import split
from serve.inputs import Inputs
from serve.model import Model


def values(model: Model, body: bytes) -> dict[str, NDArray[Any]]:
    """What `Model.predict` takes, of split JSON."""
    table = split.table(msgspec.json.decode(body, type=split.Split))
    return Inputs(model.signature.columns).encode(table).values
