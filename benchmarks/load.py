"""Load on a server of this machine, from wrk."""

import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}")
wrk.body = file:read("*a")
file:close()
"""
ENOUGH = 16  # answers over each connection that a second must bring for runs of one second
PATIENCE = 3  # times as long for a server that answers nothing
TIMEOUT = 60  # seconds after which wrk counts a request as lost
MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


class LoadError(Exception):
    """A request was refused or got no answer; the message says which, in a few words."""


class NoneAnsweredError(LoadError):
    """No request was answered before the time was up."""


@dataclass(frozen=True)
class Load:
    """What a run of wrk has found: requests answered, requests per second, quantiles of the latency in ms."""

    requests: int
    rate: float
    p50: float
    p99: float


def sampled(url: str, body: bytes, connections: int, seconds: int, settle: Callable[[], None]) -> Load:
    """The mean of runs of one second, or of two longer ones where a second brings too few answers; all requests.

    Each has new connections: servers whose processes accept for themselves may have all of them in one process or half
    of them in each, as luck has it, for as long as the connections last. `settle` waits until a slow server has done
    with requests of the run before, whose answers nobody takes.

    Raises:
        LoadError: As for `post`.
    """
    before = 0
    with suppress(NoneAnsweredError):
        first = post(url, body, connections, 1)
        if first.requests >= ENOUGH * connections:
            return mean([first, *(post(url, body, connections, 1) for _ in range(seconds - 1))])
        before = first.requests
    loads = []
    for _ in range(2):
        settle()
        loads.append(patient(url, body, connections, seconds))
    found = mean(loads)
    return replace(found, requests=before + found.requests)


def patient(url: str, body: bytes, connections: int, seconds: int) -> Load:
    """One run, and a longer one if it brings no answer."""
    try:
        return post(url, body, connections, seconds)
    except NoneAnsweredError:
        return post(url, body, connections, PATIENCE * seconds)


def mean(loads: Sequence[Load]) -> Load:
    """All requests of some runs of the same length, and the means of the rest."""
    return Load(
        sum(load.requests for load in loads),
        statistics.fmean(load.rate for load in loads),
        statistics.fmean(load.p50 for load in loads),
        statistics.fmean(load.p99 for load in loads),
    )


def post(url: str, body: bytes, connections: int, seconds: int) -> Load:
    """Post the body again and again over so many connections for so many seconds.

    Raises:
        LoadError: A request was refused, got no answer, or none was answered.
    """
    with posting(url, body, connections, seconds) as process:
        printed, errors = process.communicate()
    if process.returncode:
        raise LoadError(f"wrk failed: {errors.strip()}")
    return parsed(printed)


@contextmanager
def posting(url: str, body: bytes, connections: int, seconds: int) -> Iterator[subprocess.Popen[str]]:
    """The same while something else is done; it ends with the block at the latest."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT.format(body=Path(folder) / "body"))
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s", "--latency"]
        command = ["wrk", *options, "-s", str(script), url]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


def parsed(printed: str) -> Load:
    """What wrk has printed.

    Raises:
        LoadError: As for `post`.
    """
    faults = re.findall(r"^ *(Socket errors: .*|Non-2xx or 3xx responses: \d+) *$", printed, re.MULTILINE)
    if faults:
        raise LoadError("; ".join(faults))
    counted = re.search(r"(\d+) requests in ", printed)
    rate = re.search(r"Requests/sec: +([\d.]+)", printed)
    if not counted or not rate:
        raise LoadError(f"wrk printed {printed!r}")
    if counted[1] == "0":
        raise NoneAnsweredError("no request was answered in time")
    latency = {
        quantile: float(value) * MILLISECONDS[unit]
        for quantile, value, unit in re.findall(r"^ +(50|99)% +([\d.]+)(us|ms|s|m) *$", printed, re.MULTILINE)
    }
    return Load(int(counted[1]), float(rate[1]), latency["50"], latency["99"])
