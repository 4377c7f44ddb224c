"""How far it is, on one line of a terminal."""

import sys
import time

WIDTH = 20
EVERY = 0.1  # seconds


class Bar:
    """Shows nothing where standard error is no terminal."""

    def __init__(self) -> None:
        self.shows = sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.first = -1

    def show(self, share: float, rows: int, aside: int, last: bool = False) -> None:
        """So much of the input has been scored, that is so many rows, some of them set aside."""
        now = time.monotonic()
        if self.first < 0:
            self.first = rows
        if not self.shows or (now - self.last < EVERY and not last):
            return
        self.last = now
        speed = (rows - self.first) / max(now - self.start, EVERY)
        bar = ("#" * round(share * WIDTH)).ljust(WIDTH, ".")
        text = f"[{bar}] {share:4.0%}  {rows:,} rows, {aside:,} set aside, {speed:,.0f} rows/s"
        print(f"\r  {text}\x1b[K", end="\n" if last else "", file=sys.stderr, flush=True)
