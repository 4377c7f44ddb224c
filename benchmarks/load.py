"""Load on a server of this machine, from wrk."""

import re
import subprocess
import tempfile
from pathlib import Path

SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}")
wrk.body = file:read("*a")
file:close()
"""


def requests_per_second(url: str, body: bytes, connections: int, seconds: int) -> float:
    """Post the body again and again over so many connections for so long.

    Raises:
        RuntimeError: A request was refused or got no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(SCRIPT.format(body=Path(folder) / "body"))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec: +([\d.]+)", printed)
    if not rate or "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(printed)
    return float(rate[1])
