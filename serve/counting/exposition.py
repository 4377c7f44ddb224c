"""Prometheus' text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = Mapping[str, str]


class Observed(NamedTuple):
    """How often a value was at most each bound, and more than the one before; last, how often it was above all."""

    counts: Sequence[float]
    total: float  # of all values


def counter(name: str, about: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """The lines of what only ever grows."""
    return family(name, "counter", about, samples)


def gauge(name: str, about: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """The lines of what goes up and down."""
    return family(name, "gauge", about, samples)


def family(name: str, kind: str, about: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """A metric with its samples."""
    yield from head(name, kind, about)
    for labels, value in samples:
        yield sample(name, labels, value)


def histogram(
    name: str, about: str, bounds: Sequence[float], samples: Iterable[tuple[Labels, Observed]]
) -> Iterator[str]:
    """The lines of how values are distributed; in each bucket are those of the buckets below, too."""
    yield from head(name, "histogram", about)
    for labels, observed in samples:
        below = list(accumulate(observed.counts))
        for bound, count in zip([*map(str, bounds), "+Inf"], below, strict=True):
            yield sample(f"{name}_bucket", {**labels, "le": bound}, count)
        yield sample(f"{name}_sum", labels, observed.total)
        yield sample(f"{name}_count", labels, below[-1])


def head(name: str, kind: str, about: str) -> Iterator[str]:
    """What comes before the samples; `about` is one line without a backslash."""
    yield f"# HELP {name} {about}\n"
    yield f"# TYPE {name} {kind}\n"


def sample(name: str, labels: Labels, value: float) -> str:
    """A line."""
    pairs = ",".join(f'{label}="{text.translate(LABEL_ESCAPES)}"' for label, text in labels.items())
    number = int(value) if float(value).is_integer() else value
    return f"{name}{{{pairs}}} {number}\n" if pairs else f"{name} {number}\n"
