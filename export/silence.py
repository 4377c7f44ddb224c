"""Keep scikit-learn's and NumPy's warnings off the terminal while they are asked about rows that warn by design."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def silenced() -> Iterator[None]:
    """Show no warning, such as that of an unknown category, which is what a probe is made of."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
