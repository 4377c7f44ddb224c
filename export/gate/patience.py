"""Say how far something is that takes long."""

from collections.abc import Callable
from time import monotonic

EVERY = 3.0  # seconds


class Patience:
    """Passes on a line only if the last one is some seconds old."""

    def __init__(self, progress: Callable[[str], None], every: float = EVERY) -> None:
        self.progress, self.every = progress, every
        self.last = monotonic()

    def __call__(self, line: str) -> None:
        """Say it, or leave it."""
        if monotonic() - self.last >= self.every:
            self.progress(line)
            self.last = monotonic()
