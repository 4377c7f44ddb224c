"""Dates, times and durations in the graph: int64, counted in their own unit since 1970-01-01 UTC; NaT is the least."""

from datetime import tzinfo
from functools import lru_cache
from typing import Any

from skl2onnx.common.data_types import Int64TensorType

from alpenglow._serve.signature import NAT
from alpenglow._serve.times import DAY, SECOND

__all__ = ["DAY", "NAT", "SECOND", "TimeTensorType", "is_time", "time_type"]


class TimeTensorType(Int64TensorType):  # type: ignore[misc]
    """Moments, or durations, of one unit: `time_type` makes one.

    Attributes:
        unit: That they are counted in: `D`, `s`, `ms`, `us` or `ns`.
        zone: Whose clocks scikit-learn sees; None for moments without one.
        duration: Whether they are durations.
    """

    unit: str
    zone: tzinfo | None
    duration: bool


@lru_cache
def time_type(unit: str, zone: tzinfo | None = None, *, duration: bool = False) -> type[TimeTensorType]:
    """The type of a variable; the same one for the same arguments, so that columns of a kind can be joined."""
    return type("TimeTensorType", (TimeTensorType,), {"unit": unit, "zone": zone, "duration": duration})


def is_time(variable: Any) -> bool:
    """Whether a variable of skl2onnx's holds moments or durations."""
    return isinstance(variable.type, TimeTensorType)
