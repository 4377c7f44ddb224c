"""How much processor and memory this process may use: the container's limits where there are some."""

import math
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# cgroup v1 writes "no limit" as the largest multiple of the page size; no machine has an exabyte.
NO_LIMIT = 1 << 60


class Limits(NamedTuple):
    """Whole processors, at least one, bytes of memory, and descriptors that a process may have open."""

    cpus: int
    memory: int
    descriptors: int = NO_LIMIT


def limits(root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")) -> Limits:
    """The smallest of what the machine has and what each enclosing cgroup (v2 or v1) allows."""
    cpus = float(len(os.sched_getaffinity(0)))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for folder in folders(root, membership):
        quota, period = [*read(folder / "cpu.max").split(), "max", "max"][:2]  # v2
        if quota == "max":
            quota, period = read(folder / "cpu.cfs_quota_us"), read(folder / "cpu.cfs_period_us")  # v1; -1: no limit
        if quota.isdigit() and period.isdigit() and int(period):
            cpus = min(cpus, int(quota) / int(period))
        allowed = read(folder / "memory.max") or read(folder / "memory.limit_in_bytes")
        if allowed.isdigit() and int(allowed) < NO_LIMIT:
            memory = min(memory, int(allowed))
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Limits(max(1, math.ceil(cpus)), memory, NO_LIMIT if descriptors == resource.RLIM_INFINITY else descriptors)


def folders(root: Path, membership: Path) -> Iterator[Path]:
    """Where limits are written: this process's cgroups and those around them, up to the root of each hierarchy.

    A line of `membership` is `0::/path` (v2) or `number:controllers:/path` (v1). Inside a container the path may be
    the host's, which is not there; the root then is the container's own.
    """
    for line in read(membership).splitlines():
        _, controllers, path = line.split(":", 2)
        hierarchy = root / controllers if controllers else root
        place = hierarchy / path.lstrip("/")
        yield from (hierarchy / part for part in [place, *place.parents] if part.is_relative_to(hierarchy))


def read(path: Path) -> str:
    """A file's text; nothing where there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
