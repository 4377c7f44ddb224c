"""A server's processes: start them, see what they use, end them, and nothing but them."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds in the times of /proc
GRACE = 15  # seconds to end in before the kernel ends it


@dataclass(frozen=True)
class Command:
    """A program to start in a folder, with variables besides those of the environment.

    If it makes a socket, the next command of a server starts once that is there.
    """

    words: Sequence[object]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    socket: Path | None = None


class Stat(NamedTuple):
    """What /proc/PID/stat says: the state, the parent, the session, processor time in seconds."""

    state: str
    parent: int
    session: int
    cpu: float


class Group:
    """Processes that were started here, each the first of a session of its own, and all that descend from them."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.leaders: list[subprocess.Popen[bytes]] = []

    def start(self, command: Command) -> None:
        """Start a program; what it prints goes to the log."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(word) for word in command.words],
                cwd=command.folder,
                env={**os.environ, **command.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.leaders.append(process)

    def alive(self) -> bool:
        """Whether none of those that were started has ended."""
        return all(leader.poll() is None for leader in self.leaders)

    def members(self) -> dict[int, Stat]:
        """All processes that belong here now, by their ids; not those that have ended and wait to be asked how."""
        running = {pid: stat for pid, stat in stats().items() if stat.state != "Z"}
        sessions = {leader.pid for leader in self.leaders}
        return family({pid for pid, stat in running.items() if stat.session in sessions}, running)

    def cpu(self) -> float:
        """Processor time of all members so far, in seconds."""
        return sum(stat.cpu for stat in self.members().values())

    def memory(self) -> float:
        """Memory of all members, in MiB: pages that several share count in parts (PSS)."""
        return sum(map(proportional, self.members())) / 1024

    def settle(self, patience: float = 20) -> None:
        """Wait until they are idle, as they are not while requests are left that nobody waits for any more."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            before = self.cpu()
            time.sleep(0.25)
            if self.cpu() - before <= 2 * TICK:
                return

    def stop(self) -> None:
        """End all of them, the last one started first."""
        known = self.members()
        for leader in reversed(self.leaders):
            if leader.poll() is None:
                os.killpg(leader.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    leader.wait(GRACE)
        end = time.monotonic() + GRACE
        while left := self.left(known):
            for pid in left if time.monotonic() > end else ():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        for leader in self.leaders:
            leader.wait()

    def left(self, known: Mapping[int, Stat]) -> set[int]:
        """Members, and those that were and have lost their parents; not others that the kernel gave the same id."""
        running = stats()
        orphans = {pid for pid in known.keys() & running.keys() if running[pid].session == known[pid].session}
        return {pid for pid in orphans if running[pid].state != "Z"} | self.members().keys()


def family(ancestors: Set[int], running: Mapping[int, Stat]) -> dict[int, Stat]:
    """Those that run of these processes and of all that descend from them, whatever session they are in."""
    found, size = set(ancestors), -1
    while len(found) != size:
        size = len(found)
        found |= {pid for pid, stat in running.items() if stat.parent in found}
    return {pid: running[pid] for pid in found & running.keys()}


def wait_until(there: Callable[[], bool], group: Group, patience: float) -> None:
    """Wait for something that a server does.

    Raises:
        RuntimeError: It does not, or it has ended; the message has the end of its log.
    """
    end = time.monotonic() + patience
    while not there():
        if not group.alive():
            raise RuntimeError(f"it has ended: {last_line(group.log)}")
        if time.monotonic() > end:
            raise RuntimeError(f"it does not answer within {patience:.0f} s: {last_line(group.log)}")
        time.sleep(0.005)


def last_line(log: Path) -> str:
    """The last line with anything in it, or what there is of it."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it has printed nothing"


def stats() -> dict[int, Stat]:
    """Every process of this machine that can be seen."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                found[int(entry.name)] = stat((entry / "stat").read_text(errors="replace"))
    return found


def stat(line: str) -> Stat:
    """A line of /proc/PID/stat; the name in it may have blanks and parentheses."""
    fields = line.rpartition(")")[2].split()
    return Stat(fields[0], int(fields[1]), int(fields[3]), (int(fields[11]) + int(fields[12])) * TICK)


def proportional(pid: int) -> int:
    """A process's share of memory, in kB; none if it has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"^Pss: +(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        if found:
            return int(found[1])
    return 0
