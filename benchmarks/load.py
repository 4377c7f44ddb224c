"""Load on a server of this machine, from wrk."""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}")
wrk.body = file:read("*a")
file:close()
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


class Load(NamedTuple):
    """What wrk measured."""

    requests_per_second: float
    p99: float  # milliseconds


def load(url: str, body: bytes, connections: int, seconds: int) -> Load:
    """Post the body again and again over so many connections for so long.

    Raises:
        RuntimeError: A request was refused or got no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT.format(body=Path(folder) / "body"))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(printed)
    rate = re.search(r"Requests/sec: +([\d.]+)", printed)
    p99 = re.search(r"99% +([\d.]+)(us|ms|s)", printed)
    if not rate or not p99:
        raise RuntimeError(printed)
    return Load(float(rate[1]), float(p99[1]) * UNITS[p99[2]])
