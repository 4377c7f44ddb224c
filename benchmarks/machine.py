"""What the measurements were made on, and the versions of what was measured."""

import json
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.servers import Server
from tests.servers import APACHE

ASK = """
import json, platform, sys
from importlib.metadata import version
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))
"""
LOCK = Path(__file__).parent / "peers" / "fastify" / "package-lock.json"


def machine() -> dict[str, str]:
    """Processors, system, and the programs that are none of Python's packages."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "apache": first(r"Apache/(\S+)", str(APACHE), "-v"),
        "wrk": first(r"wrk (?:debian/)?(\S+)", "wrk", "-v"),
        "onnxruntime": version("onnxruntime"),
    }


def versions(server: Server) -> dict[str, str]:
    """Of the packages of a server that matter, in its environment.

    Raises:
        RuntimeError: One is not there, as it has no release for this Python.
    """
    if server.name == "fastify":
        packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
        locked = {name: packages[f"node_modules/{name}"]["version"] for name in ("fastify", "onnxruntime-node")}
        return {"node": first(r"v(\S+)", "node", "--version"), **locked}
    if not server.packages:
        return {}
    command = [str(server.environment / "bin" / "python"), "-c", ASK, *server.packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"not installable for this Python: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def first(pattern: str, *command: str) -> str:
    """What a program says of its version, whatever it exits with."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else "unknown"
