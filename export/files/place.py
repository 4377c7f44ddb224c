"""Where a pipeline is, and what is known of it from what lies beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """A pipeline's file, found in what people keep them in."""

    file: Path
    name: str  # the model's
    rows: Callable[[], Any] | None = None  # reads the rows that were kept with it
    text: Sequence[str] = ()  # columns that are said to hold text, whatever they look like
    version: str | None = None  # of the scikit-learn that fitted it
    code: Sequence[Path] = ()  # where modules are that it needs
