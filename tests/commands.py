"""Run the project's commands as a user does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(
    *command: object, check: bool = True, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run in the project's folder or in another; show what it printed if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if check and done.returncode:
        raise AssertionError(f"{command} exited {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def python(*arguments: object, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run this Python."""
    return run(sys.executable, *arguments, check=check, folder=ROOT, **environment)


def alpenglow(*arguments: object, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `alpenglow`."""
    return python("-m", "alpenglow", *arguments, check=check, **environment)
