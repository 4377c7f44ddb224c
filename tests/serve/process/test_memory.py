"""A bound on what a load may take, and what was taken."""

import subprocess
import sys

from alpenglow._serve.process.memory import anonymous, bounded

MIB = 1 << 20


def test_what_does_not_fit_raises_and_the_bound_ends() -> None:
    program = f"""
from alpenglow._serve.process.memory import anonymous, bounded
try:
    with bounded(anonymous() + 20 * {MIB}):
        bytearray(80 * {MIB})
except MemoryError:
    print("refused,", len(bytearray(80 * {MIB})) // {MIB})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "refused, 80\n"


def test_what_fits_is_there() -> None:
    with bounded(1 << 40):
        assert len(bytearray(MIB)) == MIB


def test_anonymous_memory_is_counted() -> None:
    before = anonymous()
    filled = b"x" * (64 * MIB)
    assert 60 * MIB < anonymous() - before < 80 * MIB
    assert filled
