"""What memory this process takes, and a bound on what it may take while it loads a model."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from alpenglow._serve.process.processes import fields

# Of what a load asks for, this much more is never touched than what else the container takes meanwhile: its shell, page
# tables, pages of programs. With a limit of 64 MiB, of which a load may so ask for all, the container peaks at 60 MiB.
UNTOUCHED = 2 << 20


@contextmanager
def bounded(memory: int) -> Iterator[None]:
    """Let allocations beyond so many bytes fail: a load that is too large then raises, instead of being killed.

    RLIMIT_DATA counts private writable memory, which is what a cgroup cannot reclaim (setrlimit(2), since Linux 4.7).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = max(0, memory) + UNTOUCHED
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def anonymous() -> int:
    """Bytes of this process that are in memory and come from no file (proc(5), RssAnon)."""
    return fields(os.getpid(), "status")[b"RssAnon"] * 1024
