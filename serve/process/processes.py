"""The memory of the service's own processes, as the kernel counts it (proc(5))."""

import re
from collections.abc import Mapping
from typing import NamedTuple

FIELD = re.compile(rb"^(\w+):\s+(\d+)", re.MULTILINE)
KINDS = {b"Pss_Anon": "anonymous", b"Pss_File": "file", b"Pss_Shmem": "shared"}


class Memory(NamedTuple):
    """Bytes in memory."""

    resident: int  # with all that others share
    proportional: dict[str, int]  # by kind; what n processes share is counted as an nth part (Linux 5.3 and newer)


def memory(master: int, workers: Mapping[int, int]) -> dict[str, Memory]:
    """What the master and its living workers take, by name.

    Args:
        master: Its process id.
        workers: Slots by process id. Where a worker has died, its id may be another process's by now: only children of
            the master count.
    """
    found = {"master": read(master)}
    for pid, slot in workers.items():
        if fields(pid, "status").get(b"PPid") == master:
            found[f"worker {slot + 1}"] = read(pid)
    return {name: memory for name, memory in found.items() if memory.resident}


def read(pid: int) -> Memory:
    """Of one process; 0 if it is gone."""
    resident = fields(pid, "status").get(b"VmRSS", 0)
    shares = fields(pid, "smaps_rollup")
    return Memory(resident * 1024, {kind: shares[name] * 1024 for name, kind in KINDS.items() if name in shares})


def fields(pid: int, file: str) -> dict[bytes, int]:
    """The numbers of a file in /proc with lines such as `VmRSS:  95272 kB`; none where it cannot be read."""
    try:
        # Decoding would make a worker copy 300 kB of what it shares with the master.
        with open(f"/proc/{pid}/{file}", "rb") as content:
            return {name: int(value) for name, value in FIELD.findall(content.read())}
    except OSError:
        return {}
